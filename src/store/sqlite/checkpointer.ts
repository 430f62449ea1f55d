/**
 * Has checkpoints made beside the writer once the write-ahead log has grown. They are PASSIVE: they wait for
 * nobody and nobody waits for them.
 */
import type { Worker } from "node:worker_threads";
import type { Log } from "../../runtime/index.ts";
import { wordsOf } from "./connection.ts";
import type { CheckpointMessage, WorkerOptions } from "./operations.ts";
import { startThread, stopThread } from "./threads.ts";

/** Pages in the log that no checkpoint has copied, before one is made. */
const CHECKPOINT_PAGES = 1024;

export class Checkpointer {
  readonly #options: WorkerOptions;
  readonly #log: Log;
  /** Started when there is something to copy. */
  #thread: Worker | undefined;
  #busy = false;
  #dead = false;

  constructor(options: WorkerOptions, log: Log) {
    this.#options = options;
    this.#log = log;
  }

  /** The log has grown to so many pages that are not copied yet. */
  logGrewTo(pages: number): void {
    if (pages >= CHECKPOINT_PAGES) this.copy();
  }

  /** However little there is to copy; not while it is copied already. */
  copy(): void {
    if (this.#busy || this.#dead) return;
    this.#busy = true;
    this.#startedThread().postMessage(true, []);
  }

  async close(): Promise<void> {
    if (this.#thread !== undefined && !this.#dead) await stopThread(this.#thread, false);
    this.#dead = true;
  }

  #startedThread(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = startThread(new URL("./checkpoint.ts", import.meta.url), this.#options);
    thread.on("message", (message: CheckpointMessage) => this.#done(message));
    thread.on("error", (error: unknown) => this.#died(wordsOf(error)));
    this.#thread = thread;
    return thread;
  }

  #done({ problem }: CheckpointMessage): void {
    this.#busy = false;
    if (problem !== undefined) this.#log.warn("store checkpoint failed", { problem });
  }

  #died(problem: string): void {
    this.#dead = true;
    this.#log.error("store checkpointer died", {
      problem,
      todo: "restart the server: until then the -wal file beside the store grows",
    });
  }
}
