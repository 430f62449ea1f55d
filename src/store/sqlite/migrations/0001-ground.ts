/**
 * Schema 1: the directory, messages and maildrops, the journal.
 *
 * - A message is stored once, however many maildrops hold it: its content in the row itself when it is small,
 *   in `part` rows when it came in chunks. Chunks come before their message does; until then their body is named
 *   in `provisional`, and whatever is named there when a server starts was left over by a crash.
 * - A maildrop entry carries its own uid token, because a mailbox gets a new one when a backup is restored:
 *   uids given out after the backup was made must not come again.
 * - `journal_key` is the journal's only index by words. Its key begins with a generation, the high bits of the
 *   record's number, so that records go into a small, warm corner of the tree however long the journal is. A
 *   search looks into each generation, newest first.
 */
import type { Migration } from "./migration.ts";

export const ground: Migration = {
  version: 1,
  sql: `
    CREATE TABLE property (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO property VALUES ('proof_revision', 0), ('journal_octets', 0);

    CREATE TABLE domain (
      name TEXT PRIMARY KEY,
      catch_all INTEGER REFERENCES mailbox (id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX domain_by_catch_all ON domain (catch_all) WHERE catch_all IS NOT NULL;

    CREATE TABLE mailbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
      domain TEXT NOT NULL REFERENCES domain (name),
      local TEXT NOT NULL,
      verifier TEXT NOT NULL,
      disabled INTEGER NOT NULL DEFAULT 0,
      quota_octets INTEGER,
      used_octets INTEGER NOT NULL DEFAULT 0,
      messages INTEGER NOT NULL DEFAULT 0,
      uid_token TEXT NOT NULL,
      next_uid INTEGER NOT NULL DEFAULT 1,
      created_at INTEGER NOT NULL,
      UNIQUE (domain, local)
    ) STRICT;

    CREATE TABLE alias (
      domain TEXT NOT NULL REFERENCES domain (name),
      local TEXT NOT NULL,
      targets TEXT NOT NULL, -- JSON
      PRIMARY KEY (domain, local)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE message (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      octets INTEGER NOT NULL, -- head and content
      holders INTEGER NOT NULL, -- maildrop entries; a message without any goes
      body INTEGER, -- its parts, when it came in chunks
      head BLOB NOT NULL,
      content BLOB -- when it did not
    ) STRICT;

    CREATE TABLE part (
      body INTEGER NOT NULL,
      start INTEGER NOT NULL, -- octets of content before it
      content BLOB NOT NULL,
      UNIQUE (body, start)
    ) STRICT;
    CREATE TABLE provisional (body INTEGER PRIMARY KEY) STRICT;

    CREATE TABLE maildrop (
      mailbox INTEGER NOT NULL REFERENCES mailbox (id),
      number INTEGER NOT NULL,
      token TEXT NOT NULL,
      message INTEGER NOT NULL,
      octets INTEGER NOT NULL,
      PRIMARY KEY (mailbox, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE journal (
      id INTEGER PRIMARY KEY,
      session TEXT NOT NULL,
      at INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      count INTEGER NOT NULL,
      ip TEXT NOT NULL,
      addresses TEXT NOT NULL, -- JSON
      fold TEXT,
      json TEXT NOT NULL
    ) STRICT;
    CREATE INDEX journal_by_age ON journal (at);

    CREATE TABLE journal_key (
      generation INTEGER NOT NULL,
      word TEXT NOT NULL, -- a session, an address or an ip
      record INTEGER NOT NULL,
      PRIMARY KEY (generation, word, record)
    ) STRICT, WITHOUT ROWID;
  `,
};
