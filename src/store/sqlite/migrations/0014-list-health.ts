/** Schema 14: how well lists are. */
import type { Migration } from "./migration.ts";

export const listHealth: Migration = {
  version: 14,
  sql: `
    CREATE TABLE list_health (
      list TEXT NOT NULL PRIMARY KEY,
      at INTEGER NOT NULL,
      json TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
