/**
 * Gives pages that deleted mail left free back to the file system, in small steps, when nothing has been
 * written for some seconds.
 */
import type { Log } from "../../runtime/index.ts";
import { wordsOf } from "./connection.ts";
import type { WriterThread } from "./writer-thread.ts";

/** Silence after which a step is made, milliseconds. */
const IDLE_MS = 5000;

/** Pause between the steps of one silence, milliseconds. */
const STEP_MS = 100;

export class Housekeeping {
  readonly #writer: WriterThread;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  /** Its own steps are batches too; they do not break the silence. */
  #stepping = false;
  #stopped = false;

  constructor(writer: WriterThread, log: Log) {
    this.#writer = writer;
    this.#log = log;
  }

  batchWritten(): void {
    if (!this.#stepping) this.#wait(IDLE_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#step(), ms).unref();
  }

  async #step(): Promise<void> {
    this.#stepping = true;
    try {
      const { kind } = await this.#writer.submit({ kind: "vacuum" });
      if (kind === "more") this.#wait(STEP_MS);
    } catch (error) {
      this.#log.warn("store housekeeping failed", { problem: wordsOf(error) });
    } finally {
      this.#stepping = false;
    }
  }
}
