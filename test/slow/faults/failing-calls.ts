/**
 * System calls of a running process that fail, as they do where a file system has become read-only or a disk is broken:
 * strace puts the error in their place while it is attached. Nothing can make a file system read-only under files
 * that are open for writing, short of breaking it for good.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** How SQLite changes a file. Nothing else here writes so. */
const WRITES = "pwrite64,pwritev,ftruncate,fallocate,unlink";

/** What a read-only file system says to them. */
export const READ_ONLY = `inject=${WRITES}:error=EROFS`;

/** A disk that takes everything and keeps nothing. */
export const NOT_FLUSHED = "inject=fsync,fdatasync:error=EIO";

/** Has the calls fail while the work is done, in every thread of the process. */
export async function whileFailing(
  pid: number,
  injection: string,
  work: () => Promise<void>,
): Promise<void> {
  const strace = spawn("strace", ["-f", "-o", "/dev/null", "-e", injection, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "close");
  await once(strace.stderr, "data"); // "Process … attached"
  try {
    await work();
  } finally {
    strace.kill("SIGINT"); // it lets go of the process, which goes on
    await ended;
  }
}
