/**
 * Gives pages that deleted mail left free back to the file system, in small steps. When nothing has been written for
 * some seconds, nearly all of them. Under load new mail takes them, and only what it will not need soon is given
 * back, in fewer steps, so that a store that is never silent shrinks too.
 */
import type { Log } from "../../runtime/index.ts";
import { wordsOf } from "./connection.ts";
import type { WriterThread } from "./writer-thread.ts";

/** How the pages are given back. */
interface Rhythm {
  /** From a batch, or from the last step, to the next step, milliseconds. */
  readonly waitMs: number;
  readonly stepMs: number;
  /** Free pages that stay. */
  readonly keptPages: number;
}

/** After so long without a batch: what is kept, 8 MiB, is what would soon be asked for again. */
const SILENCE: Rhythm = { waitMs: 5000, stepMs: 100, keptPages: 1024 };

/** While batches come: 64 MiB are kept. A step keeps mail waiting for about as long as its own flush does. */
const LOAD: Rhythm = { waitMs: 1000, stepMs: 250, keptPages: 8192 };

export class Housekeeping {
  readonly #writer: Pick<WriterThread, "submit">;
  readonly #log: Log;
  /** The file becomes smaller only when the log is copied into it. */
  readonly #checkpoint: () => void;
  #silence: NodeJS.Timeout | undefined;
  #load: NodeJS.Timeout | undefined;
  /** Steps under way: they are batches too, and neither break the silence nor are load. */
  #steps = 0;
  /** Something was given back since the last checkpoint of ours. */
  #gaveBack = false;
  #stopped = false;

  constructor(writer: Pick<WriterThread, "submit">, log: Log, checkpoint: () => void) {
    this.#writer = writer;
    this.#log = log;
    this.#checkpoint = checkpoint;
  }

  batchWritten(): void {
    if (this.#steps > 0) return;
    this.#waitForSilence(SILENCE.waitMs);
    if (this.#load === undefined) this.#waitUnderLoad(LOAD.waitMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#load);
  }

  /** Anew with each batch. */
  #waitForSilence(ms: number): void {
    clearTimeout(this.#silence);
    if (this.#stopped) return;
    this.#silence = setTimeout(() => {
      void this.#step(SILENCE, () => this.#waitForSilence(SILENCE.stepMs));
    }, ms).unref();
  }

  /** Whatever batches come meanwhile. */
  #waitUnderLoad(ms: number): void {
    if (this.#stopped) return;
    this.#load = setTimeout(() => {
      this.#load = undefined; // the next batch waits again, unless there is more to do
      void this.#step(LOAD, () => this.#waitUnderLoad(LOAD.stepMs));
    }, ms).unref();
  }

  async #step({ keptPages }: Rhythm, again: () => void): Promise<void> {
    this.#steps++;
    try {
      const { kind } = await this.#writer.submit({ kind: "vacuum", keptPages });
      if (kind === "more") again();
      else if (this.#gaveBack) this.#checkpoint();
      this.#gaveBack = kind === "more";
    } catch (error) {
      this.#log.warn("store housekeeping failed", { problem: wordsOf(error) });
    } finally {
      this.#steps--;
    }
  }
}
