/**
 * Schema 13: recipients that are only reported; what was seen of a sender; reports and failures untold, counted.
 *
 * - A row of the queue has either a grant or `settled`: how it failed before anybody could try it. The table refuses a row with
 *   neither or both. SQLite cannot loosen a column, so the table is made anew; numbers of rows go on where they were.
 * - `evidence` is what shows whose the reverse-path is, as it was found.
 */
import type { Migration } from "./migration.ts";

export const reported: Migration = {
  version: 13,
  sql: `
    CREATE TABLE queue_made_anew (
      id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
      message INTEGER NOT NULL,
      name TEXT NOT NULL, -- the message's
      octets INTEGER NOT NULL, -- what is sent
      kept_octets INTEGER NOT NULL CHECK (kept_octets >= 0), -- of the head's beginning, not sent
      reverse_path TEXT NOT NULL, -- '' is the null path
      forward_path TEXT NOT NULL,
      domain TEXT NOT NULL CHECK (domain <> ''), -- the one that the grant opens
      grant_basis TEXT
        CHECK (grant_basis IN ('login', 'network', 'peer', 'route', 'alias', 'return', 'own-notification')),
      grant_holder TEXT CHECK (grant_holder <> ''),
      destination TEXT NOT NULL REFERENCES destination (name),
      login TEXT,
      tell TEXT NOT NULL CHECK (tell IN ('own user', 'proved sender', 'nobody')),
      parameters TEXT NOT NULL, -- JSON
      accepted_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      last_at INTEGER,
      last_outcome TEXT, -- JSON
      delay_reported INTEGER NOT NULL DEFAULT 0 CHECK (delay_reported IN (0, 1)),
      in_doubt INTEGER NOT NULL DEFAULT 0 CHECK (in_doubt IN (0, 1)),
      wish TEXT NOT NULL DEFAULT 'send' CHECK (wish IN ('send', 'hold', 'remove')),
      due_at INTEGER,
      lease_owner TEXT,
      lease_fence INTEGER,
      settled TEXT, -- JSON, a status
      evidence TEXT, -- JSON
      CHECK (substr(forward_path, -length(domain) - 1) = '@' || domain),
      CHECK ((grant_basis IS NULL) = (grant_holder IS NULL)),
      CHECK ((grant_basis IS NULL) = (settled IS NOT NULL)),
      CHECK ((last_at IS NULL) = (last_outcome IS NULL)),
      CHECK ((lease_owner IS NULL) = (lease_fence IS NULL)),
      CHECK ((due_at IS NULL) = (lease_owner IS NULL AND wish = 'hold')),
      CHECK (wish <> 'remove' OR lease_owner IS NOT NULL)
    ) STRICT;
    INSERT INTO queue_made_anew SELECT *, NULL, NULL FROM queue;
    DELETE FROM sqlite_sequence WHERE name = 'queue_made_anew';
    INSERT INTO sqlite_sequence SELECT 'queue_made_anew', seq FROM sqlite_sequence WHERE name = 'queue';
    DROP TABLE queue;
    ALTER TABLE queue_made_anew RENAME TO queue;
    CREATE INDEX queue_by_due ON queue (destination, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX queue_under_way ON queue (destination, due_at) WHERE lease_owner IS NOT NULL;
    CREATE INDEX queue_held ON queue (accepted_at) WHERE wish = 'hold';
    CREATE INDEX queue_by_age ON queue (accepted_at);
    CREATE INDEX queue_by_message ON queue (name, accepted_at);
    CREATE INDEX queue_by_recipient ON queue (forward_path, accepted_at);
    CREATE INDEX queue_by_sender ON queue (reverse_path, accepted_at);
    CREATE INDEX queue_by_login ON queue (login, accepted_at) WHERE login IS NOT NULL;
    CREATE INDEX queue_by_domain ON queue (domain, accepted_at);
    CREATE INDEX queue_by_destination ON queue (destination, accepted_at);

    CREATE TABLE report_count (
      day INTEGER NOT NULL, -- since 1970, UTC
      proof TEXT NOT NULL, -- of the one it went to
      abroad INTEGER NOT NULL CHECK (abroad IN (0, 1)),
      reports INTEGER NOT NULL CHECK (reports > 0),
      PRIMARY KEY (day, proof, abroad)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE untold_count (
      day INTEGER NOT NULL,
      reason TEXT NOT NULL,
      recipients INTEGER NOT NULL CHECK (recipients > 0),
      PRIMARY KEY (day, reason)
    ) STRICT, WITHOUT ROWID;
  `,
};
