/**
 * Schema 4: the queue.
 *
 * - A row cannot be without a grant that opens its recipient's own domain: the table itself refuses it.
 * - `due_at` says when a row may be claimed: its next attempt, or the end of its lease; NULL when it is held. So one
 *   index finds what is due and what a dead owner left.
 * - `destination` has one entry for each next hop that has rows, with the earliest of their times, so that 100,000 rows
 *   for a dead domain are one entry to whoever looks for work.
 * - No reference to `message`: its `holders` count these rows too, and it goes with the last.
 */
import type { Migration } from "./migration.ts";

export const queue: Migration = {
  version: 4,
  sql: `
    INSERT INTO property VALUES ('queue_fence', 0);

    CREATE TABLE destination (
      name TEXT PRIMARY KEY CHECK (name <> ''),
      rows INTEGER NOT NULL CHECK (rows >= 0),
      next_at INTEGER -- NULL: nothing that could be claimed
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX destination_by_next ON destination (next_at) WHERE next_at IS NOT NULL;

    CREATE TABLE queue (
      id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
      message INTEGER NOT NULL,
      name TEXT NOT NULL, -- the message's
      octets INTEGER NOT NULL, -- what is sent
      kept_octets INTEGER NOT NULL CHECK (kept_octets >= 0), -- of the head's beginning, not sent
      reverse_path TEXT NOT NULL, -- '' is the null path
      forward_path TEXT NOT NULL,
      domain TEXT NOT NULL CHECK (domain <> ''), -- the one that the grant opens
      grant_basis TEXT NOT NULL
        CHECK (grant_basis IN ('login', 'network', 'peer', 'route', 'alias', 'return', 'own-notification')),
      grant_holder TEXT NOT NULL CHECK (grant_holder <> ''),
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
      CHECK (substr(forward_path, -length(domain) - 1) = '@' || domain),
      CHECK ((last_at IS NULL) = (last_outcome IS NULL)),
      CHECK ((lease_owner IS NULL) = (lease_fence IS NULL)),
      CHECK ((due_at IS NULL) = (lease_owner IS NULL AND wish = 'hold')),
      CHECK (wish <> 'remove' OR lease_owner IS NOT NULL)
    ) STRICT;
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
  `,
};
