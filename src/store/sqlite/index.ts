/**
 * The embedded store: one SQLite file, written by one thread with group commit, read by whoever asks. It needs
 * nothing installed and survives a power cut; contract.ts says what it promises.
 */
import { silentLog, systemClock, type Clock, type Log } from "../../runtime/index.ts";
import type { Store } from "../index.ts";
import { StoreLock } from "./lock.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { prepareFile } from "./schema.ts";
import { SqliteStore } from "./store.ts";

export { backUpSqlite, filesInBackup, restoreSqlite, type SiteFile } from "./backup.ts";

export interface SqliteOptions {
  /** The database file; made when there is none, in a directory that is there. */
  readonly path: string;
  /** True for the one server of this store, false for commands beside it. */
  readonly exclusive: boolean;
  readonly log?: Log;
  readonly clock?: Clock;
  /** How long a write waits for another process's before it is refused, milliseconds; 10,000 unless set. */
  readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 10_000;

/** Whether a server runs on the store at this moment. */
export function isServed(path: string): boolean {
  return StoreLock.isTaken(path);
}

/**
 * Opens the store, its schema brought up to date. Rejects with `StoreInUse` when another server has it, with a
 * `StoreError` that says why when it cannot be opened.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, exclusive, log = silentLog, clock = systemClock } = options;
  const { busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  const { file, lock } = prepareFile(path, exclusive, MIGRATIONS);
  return new SqliteStore({ file, lock, log, clock, busyTimeoutMs });
}
