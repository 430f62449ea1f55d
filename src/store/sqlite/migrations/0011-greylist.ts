/** Schema 11: first attempts of those who are greylisted, and networks that have passed. */
import type { Migration } from "./migration.ts";

export const greylist: Migration = {
  version: 11,
  sql: `
    CREATE TABLE greylist_attempt (
      network TEXT NOT NULL,
      sender TEXT NOT NULL,
      recipient TEXT NOT NULL,
      first_at INTEGER NOT NULL,
      PRIMARY KEY (network, sender, recipient)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX greylist_attempt_first ON greylist_attempt (first_at);
    CREATE TABLE greylist_network (
      network TEXT NOT NULL PRIMARY KEY,
      passed_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX greylist_network_passed ON greylist_network (passed_at);
  `,
};
