/** Schema 10: peers and what they may relay, and the authority that makes certificates for them. */
import type { Migration } from "./migration.ts";

export const peers: Migration = {
  version: 10,
  sql: `
    CREATE TABLE peer (
      name TEXT NOT NULL PRIMARY KEY,
      trust TEXT NOT NULL CHECK (trust IN ('pin', 'private authority', 'public authority')),
      keys TEXT, -- JSON: SHA-256 of public keys
      authority TEXT, -- PEM
      names TEXT, -- JSON: domains
      created_at INTEGER NOT NULL,
      expires_at INTEGER, -- of a certificate that was made or shown last
      seen_at INTEGER,
      seen_level TEXT CHECK (seen_level IN ('certificate', 'pinned')),
      seen_key TEXT,
      UNIQUE (name, trust),
      CHECK ((trust = 'pin') = (keys IS NOT NULL)),
      CHECK ((trust = 'pin') = (names IS NULL)),
      CHECK ((trust = 'private authority') = (authority IS NOT NULL)),
      CHECK ((seen_at IS NULL) = (seen_level IS NULL) AND (seen_at IS NULL) = (seen_key IS NULL))
    ) STRICT, WITHOUT ROWID;

    -- Its trust stands here too: there is no row for a peer of a public authority.
    CREATE TABLE peer_relay (
      peer TEXT NOT NULL,
      trust TEXT NOT NULL CHECK (trust IN ('pin', 'private authority')),
      sender TEXT NOT NULL,
      recipient TEXT NOT NULL,
      PRIMARY KEY (peer, sender, recipient),
      FOREIGN KEY (peer, trust) REFERENCES peer (name, trust)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE peer_authority (
      only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
      certificate TEXT NOT NULL, -- PEM
      private_key TEXT NOT NULL -- PKCS#8, PEM
    ) STRICT;
  `,
};
