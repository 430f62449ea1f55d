/** Schema 9: how well it was known who wrote to us, counted. */
import type { Migration } from "./migration.ts";

export const identityCounts: Migration = {
  version: 9,
  sql: `
    CREATE TABLE identity_count (
      day INTEGER NOT NULL, -- since 1970, UTC
      domain TEXT NOT NULL, -- '' is the null path, '*' those beyond the day's number
      level TEXT NOT NULL,
      messages INTEGER NOT NULL CHECK (messages > 0),
      PRIMARY KEY (day, domain, level)
    ) STRICT, WITHOUT ROWID;
  `,
};
