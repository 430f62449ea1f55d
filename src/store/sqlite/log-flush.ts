/**
 * The flush that makes a batch durable: fdatasync on the write-ahead log, after the commit and before anybody is
 * answered. SQLite itself would call fsync (synchronous = FULL), which also waits for the file's times: five times as
 * long on ext4. Everything else about durability stays SQLite's: it flushes a log that begins anew, and what a
 * checkpoint copies. A flush that failed may have lost pages for good, and a later one would not say so; so whoever
 * calls must not go on after an exception.
 */
import { closeSync, fdatasyncSync, openSync } from "node:fs";

export class LogFlush {
  readonly #file: string;
  #log: number | undefined;

  /** `file` is the database's; the log beside it stays the same file while a connection is open. */
  constructor(file: string) {
    this.#file = `${file}-wal`;
  }

  /** Returns when all that was committed is on the disk. Not before the first commit: there is no log yet. */
  run(): void {
    this.#log ??= openSync(this.#file, "r+");
    fdatasyncSync(this.#log);
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }
}
