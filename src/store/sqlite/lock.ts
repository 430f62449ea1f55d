/**
 * One server on one store. The lock is a transaction held open on a tiny database beside the store, so the
 * operating system itself lets go of it when its process dies, however it dies: there are no stale locks, and no
 * pid that somebody else has by now. The holder's pid stands in it to be named to whoever comes second.
 */
import { chmodSync, existsSync } from "node:fs";
import { StoreError, StoreInUse } from "../index.ts";
import { Connection, isBusy } from "./connection.ts";
import { integer } from "./values.ts";

/** How long a second server waits before it believes the lock, milliseconds. */
const LOCK_TIMEOUT_MS = 500;

export class StoreLock {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Takes the lock of the store in `file`; throws `StoreInUse` when another process, or this one, has it. */
  static take(file: string): StoreLock {
    const connection = new Connection({
      file: `${file}.lock`,
      purpose: "write",
      busyTimeoutMs: LOCK_TIMEOUT_MS,
    });
    try {
      chmodSync(`${file}.lock`, 0o600);
      sign(connection);
      connection.execute("BEGIN IMMEDIATE"); // and never ends: readers may read, nobody else may begin
      return new StoreLock(connection);
    } catch (error) {
      const refusal = isBusy(error) ? inUse(connection, file) : error;
      connection.close();
      throw refusal;
    }
  }

  /** Whether a server has it at this moment. */
  static isTaken(file: string): boolean {
    if (!existsSync(`${file}.lock`)) return false;
    const options = { file: `${file}.lock`, purpose: "write", busyTimeoutMs: 0 } as const;
    const connection = new Connection(options);
    try {
      connection.execute("BEGIN IMMEDIATE");
      connection.execute("ROLLBACK");
      return false;
    } catch (error) {
      if (isBusy(error)) return true;
      throw error;
    } finally {
      connection.close();
    }
  }

  /** Harmless when called twice. */
  release(): void {
    this.#connection.close();
  }
}

function sign(connection: Connection): void {
  connection.transaction(() => {
    connection.execute("CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)");
    connection.execute("DELETE FROM holder");
    connection.query("INSERT INTO holder VALUES (?)").run(process.pid);
  });
}

function inUse(connection: Connection, file: string): StoreError {
  const row = connection.query("SELECT pid FROM holder").row();
  return row === undefined
    ? new StoreError(`${file} is in use by another server that is just starting`)
    : new StoreInUse(file, integer(row[0]));
}
