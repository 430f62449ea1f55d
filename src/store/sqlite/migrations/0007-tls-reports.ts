/**
 * Schema 7: what others report about TLS with us, and what we saw of TLS when we sent.
 *
 * - A row of `report_mail` is one more holder of its message (see migration 1). Its octets count for the mailbox that it
 *   names, whose entry the message has not.
 * - The octets of `tls_report.json` are summed up in `property`, as those of the journal are.
 */
import type { Migration } from "./migration.ts";

export const tlsReports: Migration = {
  version: 7,
  sql: `
    INSERT INTO property VALUES ('tls_report_octets', 0);

    CREATE TABLE report_mail (
      id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
      message INTEGER NOT NULL,
      name TEXT NOT NULL, -- the message's
      octets INTEGER NOT NULL,
      mailbox INTEGER, -- NULL: whoever would get it has it already
      domain TEXT NOT NULL,
      sender TEXT NOT NULL, -- '' is the null path
      ip TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE tls_report (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      organisation TEXT NOT NULL,
      report_id TEXT NOT NULL,
      domain TEXT NOT NULL,
      begins_at INTEGER NOT NULL,
      ends_at INTEGER NOT NULL,
      contact TEXT NOT NULL,
      sender TEXT NOT NULL,
      ip TEXT NOT NULL,
      received_at INTEGER NOT NULL,
      json TEXT NOT NULL, -- the policies
      UNIQUE (organisation, report_id, domain)
    ) STRICT;
    CREATE INDEX tls_report_by_age ON tls_report (received_at);

    CREATE TABLE tls_result (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      day INTEGER NOT NULL, -- since 1970, UTC
      domain TEXT NOT NULL, -- '' where there were too many
      policy_type TEXT NOT NULL CHECK (policy_type IN ('tlsa', 'sts', 'no-policy-found')),
      result TEXT NOT NULL,
      mx TEXT NOT NULL,
      sessions INTEGER NOT NULL CHECK (sessions > 0),
      first_at INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      ip TEXT NOT NULL, -- these three as they were the last time
      detail TEXT NOT NULL,
      policy TEXT NOT NULL, -- JSON
      UNIQUE (day, domain, policy_type, result, mx)
    ) STRICT;
  `,
};
