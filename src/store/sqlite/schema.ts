/**
 * Brings a database file to the schema this program needs: a new file gets all migrations, an old one those it
 * lacks, each after a backup. A file of a newer program, or of another one, is refused and not touched.
 */
import { realpathSync } from "node:fs";
import { StoreError } from "../index.ts";
import { Connection } from "./connection.ts";
import { copyWhole, createFile } from "./copy.ts";
import { StoreLock } from "./lock.ts";
import type { Migration } from "./migrations/index.ts";
import { integer } from "./values.ts";

/** "GPST" in SQLite's application_id: whose file this is. */
const APPLICATION_ID = 0x47505354;

/** Octets. Several small mails fit a page, so that a batch changes and flushes few of them. */
const PAGE_OCTETS = 8192;

/** How long another process's write is waited for, milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

export interface PreparedFile {
  /** Without symbolic links: one file has one lock. */
  readonly file: string;
  readonly lock: StoreLock | undefined;
}

/**
 * Makes the file if there is none, and runs the migrations that it lacks; only under the store's lock, which whoever
 * wants it (`exclusive`) keeps.
 */
export function prepareFile(
  path: string,
  exclusive: boolean,
  migrations: readonly Migration[],
): PreparedFile {
  createFile(path);
  const file = realpathSync(path);
  const newest = migrations.at(-1)?.version ?? 0;
  const current = schemaVersion(file, newest) === newest;
  if (current && !exclusive) return { file, lock: undefined };
  const lock = StoreLock.take(file);
  try {
    migrate(file, migrations);
  } catch (error) {
    lock.release();
    throw error;
  }
  if (exclusive) return { file, lock };
  lock.release();
  return { file, lock: undefined };
}

/** The version that the file has; throws when it is not one this program may open. 0 is an empty file. */
function schemaVersion(file: string, newest: number): number {
  const connection = new Connection({ file, purpose: "write", busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    return checkedVersion(connection, file, newest);
  } finally {
    connection.close();
  }
}

/** Runs the migrations that the file lacks. Only for whoever holds the store's lock. */
function migrate(file: string, migrations: readonly Migration[]): void {
  const newest = migrations.at(-1)?.version ?? 0;
  const connection = new Connection({ file, purpose: "write", busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    const version = checkedVersion(connection, file, newest);
    const lacking = migrations.filter((step) => step.version > version);
    if (version === 0) {
      prepareEmpty(connection);
      apply(connection, lacking); // there is nothing to lose between them
      return;
    }
    for (const migration of lacking) {
      copyWhole(connection, `${file}.before-${migration.version}`);
      apply(connection, [migration]);
    }
  } finally {
    connection.close();
  }
}

function checkedVersion(connection: Connection, file: string, newest: number): number {
  const version = pragma(connection, "user_version");
  const application = pragma(connection, "application_id");
  const tables = integer(connection.query("SELECT count(*) FROM sqlite_schema").row()?.[0]);
  const ours = application === APPLICATION_ID;
  if (!ours && (application !== 0 || version !== 0 || tables !== 0))
    throw new StoreError(`${file} is a database of another program`);
  if (version > newest)
    throw new StoreError(
      `${file} has schema ${version} and this program knows ${newest} at most: ` +
        `a newer Gatepost wrote it, so run that one`,
    );
  return version;
}

/** What can only be chosen before the first table. */
function prepareEmpty(connection: Connection): void {
  connection.execute(`PRAGMA page_size = ${PAGE_OCTETS}`);
  connection.execute("PRAGMA auto_vacuum = INCREMENTAL");
  connection.execute("PRAGMA journal_mode = WAL");
}

/** All of them or none. */
function apply(connection: Connection, migrations: readonly Migration[]): void {
  connection.execute("PRAGMA foreign_keys = OFF"); // a table may be rebuilt; the check below makes up for it
  connection.transaction(() => {
    for (const { version, sql } of migrations) {
      connection.execute(sql);
      connection.execute(
        `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`,
      );
      const broken = connection.query("PRAGMA foreign_key_check").rows().length;
      if (broken > 0) throw new StoreError(`migration ${version} left ${broken} broken references`);
    }
  });
}

function pragma(connection: Connection, name: "user_version" | "application_id"): number {
  return integer(connection.query(`PRAGMA ${name}`).row()?.[0]);
}
