/**
 * Copies of the database file while it is in use. A copy has its final name when it is whole and on the disk, or it is
 * not there: an interrupted one leaves nothing that could be mistaken for it.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { StoreError } from "../index.ts";
import { wordsOf, type Connection } from "./connection.ts";

/**
 * One consistent copy, read in one transaction beside whoever writes. `complete` may add to it before it gets its name.
 */
export function copyWhole(
  connection: Connection,
  target: string,
  complete: (unfinished: string) => void = () => {},
): void {
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { force: true });
  createFile(unfinished);
  try {
    connection.query("VACUUM INTO ?").run(unfinished);
    complete(unfinished);
    flush(unfinished);
    renameSync(unfinished, target);
    flush(dirname(target));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** Readable by its owner alone, for it holds mail. One that is there stays as it is. */
export function createFile(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
  } catch (cause) {
    throw new StoreError(`the store's file cannot be opened: ${wordsOf(cause)}`, { cause });
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
