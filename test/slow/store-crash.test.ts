/** The SQLite engine keeps the store's contract across a crash. */
import { sqliteEngine } from "../contract/sqlite-engine.ts";
import { storeCrashContract } from "../contract/suite.ts";

storeCrashContract(sqliteEngine);
