/**
 * Schema 5: what a mailbox may send as and how much, what it has sent, and when the operator was told.
 *
 * `sent` has a row for each network and step of five minutes; those of a mailbox that are too old go when it next sends.
 */
import type { Migration } from "./migration.ts";

export const sending: Migration = {
  version: 5,
  sql: `
    ALTER TABLE mailbox ADD COLUMN sending_factor INTEGER CHECK (sending_factor > 0); -- NULL: the usual limits

    CREATE TABLE sender_grant (
      mailbox INTEGER NOT NULL REFERENCES mailbox (id),
      domain TEXT NOT NULL,
      local TEXT NOT NULL, -- '' is the whole domain
      PRIMARY KEY (mailbox, domain, local)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sent (
      mailbox INTEGER NOT NULL REFERENCES mailbox (id),
      until INTEGER NOT NULL, -- the step's end
      network TEXT NOT NULL,
      messages INTEGER NOT NULL,
      recipients INTEGER NOT NULL,
      recipients_refused INTEGER NOT NULL,
      PRIMARY KEY (mailbox, until, network)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sending_notice (
      mailbox INTEGER PRIMARY KEY REFERENCES mailbox (id), -- whom it is about
      day INTEGER NOT NULL
    ) STRICT;
  `,
};
