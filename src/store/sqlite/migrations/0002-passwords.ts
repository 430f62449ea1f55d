/**
 * Schema 2: the second verifier of each password (SCRAM), app passwords, and the store's secret, of which false
 * verifiers are made for names that are nobody's.
 */
import type { Migration } from "./migration.ts";

export const passwords: Migration = {
  version: 2,
  sql: `
    ALTER TABLE mailbox ADD COLUMN scram_verifier TEXT; -- none until the password is set again

    CREATE TABLE app_password (
      mailbox INTEGER NOT NULL REFERENCES mailbox (id),
      name TEXT NOT NULL,
      hash TEXT NOT NULL,
      protocol TEXT NOT NULL CHECK (protocol IN ('pop3', 'smtp', 'any')),
      created_at INTEGER NOT NULL,
      last_used_at INTEGER,
      PRIMARY KEY (mailbox, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE secret (value BLOB NOT NULL) STRICT;
    INSERT INTO secret VALUES (randomblob(32));
  `,
};
