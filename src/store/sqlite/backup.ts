/**
 * A backup is one file: the database as it was at one moment, and in a table of its own the site's other files. It is
 * made beside a running server and restored where there is none.
 */
import { copyFileSync, constants, rmSync } from "node:fs";
import { StoreError } from "../index.ts";
import { Connection, wordsOf } from "./connection.ts";
import { copyWhole } from "./copy.ts";
import { newToken } from "./uid.ts";
import { octets, text } from "./values.ts";

/** A file of the site that belongs into a backup. */
export interface SiteFile {
  /** What it is to the site ("configuration", "certificate", "key"). */
  readonly role: string;
  /** Where the site had it, as its configuration says. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** How long a backup or a restoration waits for others, milliseconds. */
const BUSY_TIMEOUT_MS = 60_000;

/** Writes the backup to `target`, which must not be there yet. Throws a StoreError. */
export function backUpSqlite(path: string, target: string, files: readonly SiteFile[]): void {
  const source = new Connection({ file: path, purpose: "read", busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    copyWhole(source, target, (unfinished) => addFiles(unfinished, files));
  } finally {
    source.close();
  }
}

/** The site's files in a backup. Throws a StoreError for what is none. */
export function filesInBackup(backup: string): readonly SiteFile[] {
  try {
    return readFiles(backup);
  } catch (cause) {
    throw new StoreError(`${backup} is no backup of a Gatepost site: ${wordsOf(cause)}`, { cause });
  }
}

function readFiles(backup: string): readonly SiteFile[] {
  const connection = new Connection({
    file: backup,
    purpose: "read",
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  });
  try {
    const rows = connection.query("SELECT role, path, content FROM site_file ORDER BY role").rows();
    return rows.map(([role, path, content]) => ({
      role: text(role),
      path: text(path),
      content: octets(content),
    }));
  } finally {
    connection.close();
  }
}

/**
 * Makes a backup's database the one at `path`, where there must be none. Mailboxes get new uid tokens: uids
 * that were given out after the backup was made must not come again (RFC 1939 §7). All of the queue is in doubt: since
 * then it may have been delivered.
 */
export function restoreSqlite(backup: string, path: string): void {
  try {
    copyFileSync(backup, path, constants.COPYFILE_EXCL);
  } catch (cause) {
    throw new StoreError(`the backup cannot be copied to ${path}: ${wordsOf(cause)}`, { cause });
  }
  try {
    prepareRestored(path);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function addFiles(file: string, files: readonly SiteFile[]): void {
  const connection = new Connection({ file, purpose: "write", busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    connection.transaction(() => {
      connection.execute(
        "CREATE TABLE site_file (role TEXT PRIMARY KEY, path TEXT NOT NULL, content BLOB NOT NULL) STRICT",
      );
      const add = connection.query("INSERT INTO site_file VALUES (?, ?, ?)");
      for (const { role, path, content } of files) add.run(role, path, content);
    });
  } finally {
    connection.close();
  }
}

function prepareRestored(file: string): void {
  const connection = new Connection({ file, purpose: "write", busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    connection.transaction(() => {
      connection.execute("DROP TABLE site_file");
      const renew = connection.query("UPDATE mailbox SET uid_token = ? WHERE id = ?");
      for (const [id] of connection.query("SELECT id FROM mailbox").rows())
        renew.run(newToken(), id ?? null);
      if (hasQueue(connection)) connection.execute("UPDATE queue SET in_doubt = 1");
    });
    connection.execute("PRAGMA journal_mode = WAL"); // a copy made by VACUUM INTO has left it
  } finally {
    connection.close();
  }
}

/** Backups of the first schemas have none. */
function hasQueue(connection: Connection): boolean {
  const tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'queue'";
  return connection.query(tables).row() !== undefined;
}
