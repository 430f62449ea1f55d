/** A database file becomes what the program needs, is backed up first, or is refused and left alone. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { StoreLock } from "../../../src/store/sqlite/lock.ts";
import { MIGRATIONS, type Migration } from "../../../src/store/sqlite/migrations/index.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { newPath } from "./place.ts";

const FIRST: Migration = { version: 1, sql: "CREATE TABLE thing (name TEXT) STRICT" };
const SECOND: Migration = { version: 2, sql: "ALTER TABLE thing ADD COLUMN size INTEGER" };
const THIRD: Migration = { version: 3, sql: "CREATE TABLE other (x INTEGER) STRICT" };

/** What the file says to this question; its first value. */
function ask(file: string, sql: string): unknown {
  const database = new DatabaseSync(file);
  try {
    return Object.values(database.prepare(sql).get() ?? {})[0];
  } finally {
    database.close();
  }
}

function change(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

/** Brings the file to the last of these migrations as a command does, keeping no lock. */
function prepare(path: string, ...migrations: Migration[]): void {
  assert.equal(prepareFile(path, false, migrations).lock, undefined);
}

test("the migrations are numbered 1, 2, 3 and so on", () => {
  assert.deepEqual(
    MIGRATIONS.map(({ version }) => version),
    MIGRATIONS.map((_, i) => i + 1),
  );
});

test("a new file gets all migrations, no backup, and what can only be chosen at the beginning", (t) => {
  const path = newPath(t);
  prepare(path, FIRST, SECOND);
  assert.equal(ask(path, "PRAGMA user_version"), 2);
  assert.equal(ask(path, "PRAGMA journal_mode"), "wal");
  assert.equal(ask(path, "PRAGMA auto_vacuum"), 2); // incremental
  assert.equal(ask(path, "SELECT count(size) FROM thing"), 0);
  assert.equal(existsSync(`${path}.before-1`), false);
  assert.equal(existsSync(`${path}.before-2`), false);
});

test("mail can be read by its owner alone: the file, its log, its lock and its backups", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  prepare(path, FIRST, SECOND);
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO thing (name) VALUES ('x')");
  for (const name of ["", "-wal", "-shm", ".lock", ".before-2"])
    assert.equal(statSync(path + name).mode & 0o777, 0o600, name);
  database.close();
});

test("an old file is backed up before each migration, as it was then", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  change(path, "INSERT INTO thing VALUES ('kept')");
  prepare(path, FIRST, SECOND, THIRD);
  assert.equal(ask(path, "PRAGMA user_version"), 3);
  assert.equal(ask(path, "SELECT name FROM thing"), "kept");
  for (const [backup, version] of [
    [`${path}.before-2`, 1],
    [`${path}.before-3`, 2],
  ] as const) {
    assert.equal(ask(backup, "PRAGMA user_version"), version);
    assert.equal(ask(backup, "SELECT name FROM thing"), "kept");
    assert.equal(existsSync(`${backup}.unfinished`), false);
  }
});

test("a backup can be put in place of the file", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  change(path, "INSERT INTO thing VALUES ('kept')");
  prepare(path, FIRST, SECOND);
  prepare(`${path}.before-2`, FIRST, SECOND);
  assert.equal(ask(`${path}.before-2`, "SELECT name FROM thing"), "kept");
});

test("what an interrupted backup left behind is in nobody's way", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  writeFileSync(`${path}.before-2.unfinished`, "half of a ba");
  writeFileSync(`${path}.before-2`, "an older attempt's");
  prepare(path, FIRST, SECOND);
  assert.equal(ask(`${path}.before-2`, "PRAGMA user_version"), 1);
});

test("a migration that fails leaves the file at the version before", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  change(path, "INSERT INTO thing VALUES ('kept')");
  const broken: Migration = { version: 2, sql: "DELETE FROM thing; CREATE NONSENSE" };
  assert.throws(() => prepare(path, FIRST, broken), { name: "StoreError" });
  assert.equal(ask(path, "PRAGMA user_version"), 1);
  assert.equal(ask(path, "SELECT name FROM thing"), "kept");
  prepare(path, FIRST, SECOND); // and nobody holds the lock
});

test("a migration that leaves a reference broken fails", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  const sql = `CREATE TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TABLE child (parent INTEGER REFERENCES parent (id));
    INSERT INTO child VALUES (1)`;
  const broken: Migration = { version: 2, sql };
  assert.throws(() => prepare(path, FIRST, broken), /broken references/);
  assert.equal(ask(path, "PRAGMA user_version"), 1);
});

test("a file of a newer program is refused in words, and not touched", (t) => {
  const path = newPath(t);
  prepare(path, FIRST, SECOND);
  const before = readFileSync(path);
  assert.throws(() => prepare(path, FIRST), /schema 2 and this program knows 1 at most: a newer/);
  assert.deepEqual(readFileSync(path), before);
});

test("a database of another program is refused, and not touched", (t) => {
  for (const sql of [
    "CREATE TABLE theirs (x)",
    "PRAGMA user_version = 1",
    "PRAGMA application_id = 7",
  ]) {
    const path = newPath(t);
    change(path, sql);
    const before = readFileSync(path);
    assert.throws(() => prepare(path, FIRST), /another program/, sql);
    assert.deepEqual(readFileSync(path), before, sql);
  }
});

test("a file that is no database is refused", (t) => {
  const path = newPath(t);
  writeFileSync(path, "Dear diary, today I was not a database. ".repeat(100));
  assert.throws(() => prepare(path, FIRST), { name: "StoreError", message: /not a database/ });
});

test("an old file is not changed under a server that runs on it", (t) => {
  const path = newPath(t);
  prepare(path, FIRST);
  const lock = StoreLock.take(path);
  assert.throws(() => prepare(path, FIRST, SECOND), { name: "StoreInUse", pid: process.pid });
  assert.equal(ask(path, "PRAGMA user_version"), 1);
  prepare(path, FIRST); // what is up to date needs no lock
  lock.release();
  prepare(path, FIRST, SECOND);
});

test("a server keeps the lock that it migrated under, also by another name of the file", (t) => {
  const path = newPath(t);
  const { file, lock } = prepareFile(path, true, [FIRST]);
  assert.ok(lock !== undefined);
  const alias = `${path}.alias`;
  symlinkSync(path, alias);
  assert.throws(() => prepareFile(alias, true, [FIRST]), { name: "StoreInUse" });
  lock.release();
  const second = prepareFile(alias, true, [FIRST]);
  assert.equal(second.file, file);
  second.lock?.release();
});
