/**
 * Schema 16: the lists that this site publishes.
 *
 * - Entries of a zone lie together in the order of their subjects, so that a zone is read in pages without a sort.
 * - A change's numbers are never given twice, and never become smaller: the last one is the revision.
 * - What each change came to is in its own row, so that the growth of a day is a sum of few rows.
 */
import type { Migration } from "./migration.ts";

export const published: Migration = {
  version: 16,
  sql: `
    CREATE TABLE list_zone (
      zone TEXT PRIMARY KEY,
      serial INTEGER NOT NULL DEFAULT 0,
      retired_at INTEGER,
      brake_at INTEGER,
      brake_why TEXT,
      CHECK ((brake_at IS NULL) = (brake_why IS NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE list_entry (
      zone TEXT NOT NULL,
      subject TEXT NOT NULL,
      code TEXT,
      reason TEXT NOT NULL,
      kind TEXT NOT NULL,
      evidence TEXT NOT NULL, -- JSON
      author TEXT NOT NULL,
      since INTEGER NOT NULL,
      ends_at INTEGER NOT NULL,
      times INTEGER NOT NULL CHECK (times > 0),
      weight INTEGER NOT NULL CHECK (weight > 0),
      change INTEGER NOT NULL,
      PRIMARY KEY (zone, subject),
      CHECK (ends_at > since)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX list_entry_by_end ON list_entry (ends_at, zone);

    CREATE TABLE list_change (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      zone TEXT NOT NULL,
      at INTEGER NOT NULL,
      author TEXT NOT NULL,
      origin TEXT NOT NULL,
      action TEXT NOT NULL,
      why TEXT NOT NULL,
      undoes INTEGER,
      parts INTEGER NOT NULL,
      listed INTEGER NOT NULL,
      removed INTEGER NOT NULL,
      growth INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX list_change_by_zone ON list_change (zone, at);
    CREATE INDEX list_change_by_age ON list_change (at);
    CREATE INDEX list_change_undoing ON list_change (undoes) WHERE undoes IS NOT NULL;

    CREATE TABLE list_change_part (
      change INTEGER NOT NULL REFERENCES list_change (id),
      subject TEXT NOT NULL,
      before TEXT, -- JSON
      after TEXT, -- JSON
      PRIMARY KEY (change, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX list_change_part_by_subject ON list_change_part (subject, change);
  `,
};
