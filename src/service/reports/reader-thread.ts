/**
 * Reads mail on a thread of its own, one at a time: a mail that takes too long or too much memory ends the thread and not the
 * server, and is unreadable. The thread begins with the first mail and ends when there is none.
 */
import { Worker } from "node:worker_threads";
import { errorText } from "../../runtime/index.ts";
import type { Reading, ReportReader, Wanted } from "./reading.ts";

/** How long one mail may take, milliseconds. */
const READING_MS = 10_000;

/** Of the thread's heap; a mail and what becomes of it are beside it, and bounded by themselves. */
const HEAP_MEBIBYTES = 128;

/** The build turns .ts into .js but not inside a URL. */
const FILE = import.meta.url.endsWith(".js") ? "./thread.js" : "./thread.ts";

/** As it crosses to the thread. */
export interface ReadingTask {
  readonly mail: Uint8Array<ArrayBuffer>;
  readonly wanted: Wanted;
}

export class ReaderThread implements ReportReader {
  readonly #file: URL;
  readonly #readingMs: number;
  #thread: Worker | undefined;
  /** Of the mail that is being read. */
  #answer: (reading: Reading) => void = () => {};

  constructor(file = new URL(FILE, import.meta.url), readingMs = READING_MS) {
    this.#file = file;
    this.#readingMs = readingMs;
  }

  async read(mail: Uint8Array<ArrayBuffer>, wanted: Wanted): Promise<Reading> {
    const { promise, resolve } = Promise.withResolvers<Reading>();
    this.#answer = resolve;
    const timer = setTimeout(() => {
      resolve(unreadable(`reading it took more than ${this.#readingMs} ms`));
      void this.rest();
    }, this.#readingMs);
    this.#thread ??= this.#start();
    this.#thread.postMessage({ mail, wanted } satisfies ReadingTask, [mail.buffer]);
    return promise.finally(() => clearTimeout(timer));
  }

  async rest(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  #start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MEBIBYTES };
    const thread = new Worker(this.#file, { resourceLimits });
    const broke = (why: string): void => {
      if (this.#thread !== thread) return; // it was given up
      this.#thread = undefined;
      this.#answer(unreadable(`the reader broke: ${why}`));
    };
    thread.on("message", (reading: Reading) => {
      if (this.#thread === thread) this.#answer(reading); // our own thread's
    });
    thread.on("error", (error) => broke(errorText(error)));
    thread.on("exit", (code) => broke(`it ended with code ${code}`));
    return thread;
  }
}

function unreadable(why: string): Reading {
  return { kind: "unreadable", why };
}
