/**
 * One connection to the database file and its prepared statements. Promises: every error leaves as a
 * `StoreError` with its cause, and no read transaction outlives a call (a held reader lets the WAL grow
 * without end).
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { StoreError } from "../index.ts";
import type { Row } from "./values.ts";

/**
 * read: sees every commit of any process at once, cannot write. write: waits up to its patience for others,
 * flushes at every commit. Checkpoints are the checkpointer's, never a by-product of somebody's commit.
 */
export type Purpose = "read" | "write";

export interface ConnectionOptions {
  readonly file: string;
  readonly purpose: Purpose;
  /** How long a statement waits for another connection's lock, milliseconds. */
  readonly busyTimeoutMs: number;
}

/** Memory for pages, KiB. The writer's must hold the pages that one batch changes. */
const CACHE_KIB: Readonly<Record<Purpose, number>> = { read: 8 * 1024, write: 32 * 1024 };

export class Connection {
  readonly #database: DatabaseSync;
  readonly #begin: Query;
  readonly #commit: Query;
  readonly #rollback: Query;

  constructor({ file, purpose, busyTimeoutMs }: ConnectionOptions) {
    const readOnly = purpose === "read";
    this.#database = translated(
      () => new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs, allowExtension: false }),
    );
    this.execute(`PRAGMA cache_size = -${CACHE_KIB[purpose]}`);
    this.execute("PRAGMA foreign_keys = ON");
    this.execute("PRAGMA temp_store = MEMORY");
    if (!readOnly) this.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    this.#begin = this.query(readOnly ? "BEGIN" : "BEGIN IMMEDIATE");
    this.#commit = this.query("COMMIT");
    this.#rollback = this.query("ROLLBACK");
  }

  /** Prepares a statement for many uses. */
  query(sql: string): Query {
    return new Query(translated(() => this.#database.prepare(sql)));
  }

  /** Runs statements once. */
  execute(sql: string): void {
    translated(() => this.#database.exec(sql));
  }

  /** All of `work` or nothing: when it throws, everything is undone. */
  transaction<T>(work: () => T): T {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } finally {
      this.#undo();
    }
  }

  /** The same around work that waits; `keep` says whether its result is worth a commit. */
  async longTransaction<T>(work: () => Promise<T>, keep: (result: T) => boolean): Promise<T> {
    this.#begin.run();
    try {
      const result = await work();
      if (keep(result)) this.#commit.run();
      return result;
    } finally {
      this.#undo();
    }
  }

  /** Nothing is left to undo after a commit, nor after errors at which SQLite itself rolls back (disk full, I/O). */
  #undo(): void {
    if (this.#database.isTransaction) this.#rollback.run();
  }

  close(): void {
    if (this.#database.isOpen) translated(() => this.#database.close());
  }
}

/** A prepared statement; results are rows of values in the order of its columns. */
export class Query {
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    statement.setReturnArrays(true); // a third faster than objects
    this.#statement = statement;
  }

  /** The first row. */
  row(...parameters: SQLInputValue[]): Row | undefined {
    return translated(() => this.#statement.get(...parameters) as Row | undefined); // an array: setReturnArrays
  }

  rows(...parameters: SQLInputValue[]): readonly Row[] {
    return translated(() => this.#statement.all(...parameters) as unknown as readonly Row[]); // arrays: setReturnArrays
  }

  /** Runs it; returns how many rows it changed. */
  run(...parameters: SQLInputValue[]): number {
    return translated(() => Number(this.#statement.run(...parameters).changes));
  }

  /** Runs an INSERT; returns the number of the row. RETURNING would do that through a temporary table. */
  insert(...parameters: SQLInputValue[]): number {
    return translated(() => Number(this.#statement.run(...parameters).lastInsertRowid));
  }
}

/** Whether the error says that another connection holds the lock (SQLITE_BUSY and its kin). */
export function isBusy(error: unknown): boolean {
  return error instanceof StoreError && primaryCode(error.cause) === SQLITE_BUSY;
}

const SQLITE_BUSY = 5;

/** By SQLite's primary result code: what an administrator can do about it. */
const ADVICE: ReadonlyMap<number, string> = new Map([
  [SQLITE_BUSY, "another program holds the store's lock: end it"],
  [
    8,
    "the store cannot be written to: look at its owner, its mode and how its file system is mounted",
  ],
  [
    10,
    "the disk does not do what it is told: look at the system's log, and whether its file system has become read-only",
  ],
  [11, "the store is damaged: stop the server, keep the file, restore a backup"],
  [13, "free room on the store's file system: until then mail is deferred, not lost"],
  [14, "the store cannot be opened: look at its directory's owner and mode"],
  [26, "this file is no store"],
]);

function primaryCode(cause: unknown): number | undefined {
  const known = cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number";
  return known ? Number(cause.errcode) & 0xff : undefined;
}

/** What an error says. Not the runtime room's: its door leads to the log, which a thread would load for nothing. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const advice = ADVICE.get(primaryCode(cause) ?? 0);
    const words = advice === undefined ? wordsOf(cause) : `${wordsOf(cause)} (${advice})`;
    throw new StoreError(`the database cannot do it: ${words}`, { cause });
  }
}
