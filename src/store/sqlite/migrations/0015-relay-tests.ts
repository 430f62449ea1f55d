/**
 * Schema 15: tests of other servers for open relay.
 *
 * - A case has its row before anything of it is said, so that its token is known when it comes back; its outcome is written into it once.
 * - Returns are numbered in each test: the last number says how many there are.
 */
import type { Migration } from "./migration.ts";

export const relayTests: Migration = {
  version: 15,
  sql: `
    CREATE TABLE relay_test (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      about TEXT NOT NULL,
      target TEXT NOT NULL,
      at INTEGER NOT NULL,
      holder TEXT NOT NULL,
      asked TEXT NOT NULL, -- JSON
      ended_at INTEGER,
      found TEXT, -- JSON
      CHECK (ended_at IS NULL OR found IS NOT NULL)
    ) STRICT;
    CREATE INDEX relay_test_by_age ON relay_test (at);
    CREATE INDEX relay_test_by_server ON relay_test (about, at);
    CREATE INDEX relay_test_unfinished ON relay_test (at) WHERE ended_at IS NULL;

    CREATE TABLE relay_test_case (
      number INTEGER PRIMARY KEY,
      test INTEGER NOT NULL REFERENCES relay_test (number),
      token TEXT NOT NULL UNIQUE,
      at INTEGER NOT NULL,
      tried_at INTEGER,
      planned TEXT NOT NULL, -- JSON
      outcome TEXT, -- JSON
      CHECK ((tried_at IS NULL) = (outcome IS NULL))
    ) STRICT;
    CREATE INDEX relay_test_case_by_test ON relay_test_case (test);

    CREATE TABLE relay_test_return (
      test INTEGER NOT NULL REFERENCES relay_test (number),
      number INTEGER NOT NULL, -- from 1
      token TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('relay', 'report')),
      at INTEGER NOT NULL,
      way TEXT NOT NULL, -- JSON
      PRIMARY KEY (test, number)
    ) STRICT, WITHOUT ROWID;
  `,
};
