/** Schema 12: certificates by which one logs in as a mailbox. */
import type { Migration } from "./migration.ts";

export const mailboxCertificates: Migration = {
  version: 12,
  sql: `
    -- A key is one mailbox's: a login by it needs no name.
    CREATE TABLE mailbox_certificate (
      key TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the public key
      mailbox INTEGER NOT NULL REFERENCES mailbox (id),
      name TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER, -- of a certificate that was made here
      last_used_at INTEGER,
      UNIQUE (mailbox, name)
    ) STRICT, WITHOUT ROWID;
  `,
};
