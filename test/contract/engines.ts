/** The engines by name, for child processes. */
import type { Engine } from "./engine.ts";
import { sqliteEngine } from "./sqlite-engine.ts";

export const ENGINES: ReadonlyMap<string, Engine> = new Map([[sqliteEngine.name, sqliteEngine]]);
