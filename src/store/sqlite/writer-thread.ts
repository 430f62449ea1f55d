/**
 * The calling thread's end of the writer. Promises: whatever waits when the writer becomes free goes to it as
 * one batch, in order; each answer is given after the flush; when the thread dies, everything outstanding and
 * everything after is refused in words.
 */
import type { Worker } from "node:worker_threads";
import type { Log } from "../../runtime/index.ts";
import { StoreError } from "../index.ts";
import { BatchQueue, type Waiting } from "./batch-queue.ts";
import { wordsOf } from "./connection.ts";
import type {
  BatchMessage,
  Operation,
  OperationResult,
  Outcome,
  OutcomesMessage,
} from "./operations.ts";
import { stopThread } from "./threads.ts";

/** How long an operation that is in no hurry waits for company, milliseconds. */
const UNHURRIED_MS = 1000;

export interface WriterThreadOptions {
  /** Called once, when there is something to write. */
  readonly start: () => Worker;
  readonly log: Log;
  /** After each batch: pages in the write-ahead log that no checkpoint has copied. */
  readonly onBatch: (walPages: number) => void;
}

export class WriterThread {
  readonly #options: WriterThreadOptions;
  readonly #queue = new BatchQueue();
  #thread: Worker | undefined;
  /** The batch under way. */
  #running: readonly Waiting[] = [];
  #scheduled = false;
  #unhurried: NodeJS.Timeout | undefined;
  /** Why nothing is taken any more. */
  #refusal: StoreError | undefined;
  readonly #batchEnds: (() => void)[] = [];
  /** Ends with the last of those who work alone. */
  #turn: Promise<unknown> = Promise.resolve();
  #held = false;

  constructor(options: WriterThreadOptions) {
    this.#options = options;
  }

  /** Resolves when the operation is flushed. The arrays are taken away (transferred). */
  submit(operation: Operation, arrays: readonly ArrayBuffer[] = []): Promise<OperationResult> {
    const result = this.#enqueue(() => operation, arrays, true);
    this.#wake();
    return result;
  }

  /** Step after step, while there is more to do; what others want comes in between. */
  async submitSteps(step: Operation): Promise<void> {
    while ((await this.submit(step)).kind === "more");
  }

  /** For what nobody waits for: asked what it is when the next batch goes, after a second at the latest. */
  submitUnhurried(operation: () => Operation): Promise<OperationResult> {
    this.#unhurried ??= setTimeout(() => this.hurry(), UNHURRIED_MS).unref();
    return this.#enqueue(operation, [], false);
  }

  /** What was in no hurry goes now. */
  hurry(): void {
    this.#queue.hurry();
    this.#wake();
  }

  /** Runs `work` while no batch is under way and none begins; one such work at a time. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#whileHeld(work));
    this.#turn = result.catch(() => undefined); // the caller gets the error; the next one's turn comes all the same
    return result;
  }

  /** Takes no more, and resolves when all that was taken is written. */
  async finish(): Promise<void> {
    this.#refusal ??= new StoreError("the store is closed");
    await this.#turn;
    this.hurry();
    await this.#until(() => this.#queue.isEmpty && this.#running.length === 0);
  }

  /** Ends the thread, which has nothing to do any more. */
  async end(): Promise<void> {
    clearTimeout(this.#unhurried);
    const thread = this.#thread;
    this.#thread = undefined;
    if (thread !== undefined) await stopThread(thread, null);
  }

  #enqueue(
    operation: () => Operation,
    arrays: readonly ArrayBuffer[],
    hurried: boolean,
  ): Promise<OperationResult> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) =>
      this.#queue.push({ operation, arrays, resolve, reject }, hurried),
    );
  }

  async #whileHeld<T>(work: () => Promise<T>): Promise<T> {
    this.#held = true;
    try {
      await this.#until(() => this.#running.length === 0);
      return await work();
    } finally {
      this.#held = false;
      this.#wake();
    }
  }

  /** Waits for the ends of batches until it is so. */
  async #until(reached: () => boolean): Promise<void> {
    while (!reached()) await new Promise<void>((resolve) => this.#batchEnds.push(resolve));
  }

  get #ready(): boolean {
    return !this.#queue.isEmpty && this.#running.length === 0 && !this.#held;
  }

  /** Sends a batch at the end of this turn of the event loop, so that all who came in it share one flush. */
  #wake(): void {
    if (!this.#ready || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#ready) this.#send();
    });
  }

  #send(): void {
    clearTimeout(this.#unhurried);
    this.#unhurried = undefined;
    const batch = this.#queue.nextBatch();
    const arrays = batch.flatMap((waiting) => waiting.arrays);
    const operations = JSON.stringify(batch.map((waiting) => waiting.operation()));
    const message: BatchMessage = { operations, arrays };
    this.#running = batch;
    this.#startedThread().postMessage(message, arrays);
  }

  #startedThread(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = this.#options.start();
    this.#thread = thread;
    thread.on("message", (message: OutcomesMessage) => this.#finished(message));
    thread.on("error", (error: unknown) => this.#died(wordsOf(error)));
    thread.on("exit", (code) => {
      if (this.#thread === thread) this.#died(`it ended with code ${code}`);
    });
    return thread;
  }

  #finished({ outcomes, walPages }: OutcomesMessage): void {
    const batch = this.#running;
    this.#running = [];
    const list = JSON.parse(outcomes) as readonly Outcome[]; // from the writer thread
    batch.forEach((waiting, i) => settle(waiting, list[i]));
    this.#options.onBatch(walPages);
    this.#tellBatchEnd();
    this.#wake();
  }

  #died(problem: string): void {
    const refusal = new StoreError(`the store's writer thread died: ${problem}`);
    this.#options.log.error("store writer died", { problem, todo: "restart the server" });
    this.#refusal = refusal;
    this.#thread = undefined;
    const lost = [...this.#running, ...this.#queue.clear()];
    this.#running = [];
    for (const { reject } of lost) reject(refusal);
    this.#tellBatchEnd();
  }

  #tellBatchEnd(): void {
    for (const resolve of this.#batchEnds.splice(0)) resolve();
  }
}

function settle({ resolve, reject }: Waiting, outcome: Outcome | undefined): void {
  if (outcome?.kind === "result") resolve(outcome.result);
  else reject(new StoreError(outcome?.words ?? "the writer gave no answer"));
}
