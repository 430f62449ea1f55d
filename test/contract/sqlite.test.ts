/** The SQLite engine keeps the store's contract. */
import { sqliteEngine } from "./sqlite-engine.ts";
import { storeContract } from "./suite.ts";

storeContract(sqliteEngine);
