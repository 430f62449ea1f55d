/**
 * Schema 17: hosts that were reported as open relays, and reports of them by mail.
 *
 * - A change of a host gives its row another number, which is its version.
 * - A mail that waits to be collected is about TLS, or about a relay; of the latter `reporter` says whose it surely is.
 */
import type { Migration } from "./migration.ts";

export const suspects: Migration = {
  version: 17,
  sql: `
    CREATE TABLE suspect (
      number INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
      ip TEXT NOT NULL UNIQUE,
      standing TEXT NOT NULL,
      due INTEGER, -- NULL: nothing is to be done
      facts TEXT NOT NULL, -- JSON
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX suspect_by_due ON suspect (due) WHERE due IS NOT NULL;
    CREATE INDEX suspect_by_standing ON suspect (standing, ip);
    CREATE INDEX suspect_at_rest ON suspect (at) WHERE due IS NULL;

    CREATE TABLE suspect_report (
      number INTEGER PRIMARY KEY,
      ip TEXT NOT NULL,
      at INTEGER NOT NULL,
      origin TEXT NOT NULL CHECK (origin IN ('command', 'mail', 'trap')),
      reporter TEXT NOT NULL,
      cause TEXT NOT NULL -- JSON
    ) STRICT;
    CREATE INDEX suspect_report_by_host ON suspect_report (ip);
    CREATE INDEX suspect_report_by_reporter ON suspect_report (reporter, at);
    CREATE INDEX suspect_report_by_age ON suspect_report (at);

    ALTER TABLE report_mail ADD COLUMN about TEXT NOT NULL DEFAULT 'tls' CHECK (about IN ('tls', 'relay'));
    ALTER TABLE report_mail ADD COLUMN reporter TEXT NOT NULL DEFAULT '';
  `,
};
