/** How SQLite would find what a statement asks for. */
import type { TestContext } from "node:test";
import { Connection, type Query } from "../../../src/store/sqlite/connection.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/index.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { newPath } from "./place.ts";

/** A table is read from a key on; what begins at the end of an index without one is called a search too. */
export function isSearch(step: string): boolean {
  return step.startsWith("SEARCH") ? step.includes("(") : !step.startsWith("SCAN");
}

/** Remembers the statements that were prepared on it. */
export class Recording extends Connection {
  readonly statements: string[] = [];

  override query(sql: string): Query {
    this.statements?.push(sql); // not there yet while the connection is being opened
    return super.query(sql);
  }
}

export function openRecording(t: TestContext): Recording {
  const file = newPath(t);
  prepareFile(file, false, MIGRATIONS);
  const connection = new Recording({ file, purpose: "write", busyTimeoutMs: 0 });
  t.after(() => connection.close());
  return connection;
}

/** The steps of a statement's plan, in SQLite's words. */
export function planOf(connection: Connection, sql: string): readonly string[] {
  return connection
    .query(`EXPLAIN QUERY PLAN ${sql}`)
    .rows()
    .map((step) => String(step[3]));
}
