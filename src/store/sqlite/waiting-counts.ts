/**
 * Counters on the calling thread: summed up here until something is written anyway or a second is over, so that a busy server writes
 * a counter and not each thing that it counts. Nobody waits for them, and a crash may lose them.
 */
import type { Operation } from "./operations.ts";
import type { WriterThread } from "./writer-thread.ts";

export interface Counting<Count> {
  /** Counts with the same key are one. */
  keyOf(count: Count): string;
  /** `one` came later. */
  together(before: Count, one: Count): Count;
  /** What is counted in the place of one that has no room of its own; undefined: it is left out. */
  beyond(one: Count): Count | undefined;
  operation(counts: readonly Count[]): Operation;
  /** These could not be written, and are gone. */
  lost(counts: readonly Count[], error: unknown): void;
}

/** Counters that wait to be written; beyond, there is no room for a new one. */
const WAITING_LIMIT = 2000;

const NOTHING_UNDERWAY: Promise<void> = Promise.resolve();

export class WaitingCounts<Count> {
  readonly #writer: WriterThread;
  readonly #counting: Counting<Count>;
  #counts = new Map<string, Count>();
  #written = NOTHING_UNDERWAY;

  constructor(writer: WriterThread, counting: Counting<Count>) {
    this.#writer = writer;
    this.#counting = counting;
  }

  add(one: Count): void {
    const isNew = !this.#counts.has(this.#counting.keyOf(one));
    const isFull = isNew && this.#counts.size >= WAITING_LIMIT;
    const count = isFull ? this.#counting.beyond(one) : one;
    if (count !== undefined) this.#put(this.#counting.keyOf(count), count);
  }

  #put(key: string, count: Count): void {
    const before = this.#counts.get(key);
    if (this.#counts.size === 0) this.#written = this.#write();
    this.#counts.set(key, before === undefined ? count : this.#counting.together(before, count));
  }

  /** What was added before is in the file then, or lost. */
  async flush(): Promise<void> {
    this.#writer.hurry();
    await this.#written;
  }

  async #write(): Promise<void> {
    let taken: readonly Count[] = [];
    try {
      await this.#writer.submitUnhurried(() => {
        taken = [...this.#counts.values()];
        this.#counts = new Map();
        return this.#counting.operation(taken);
      });
    } catch (error) {
      this.#counting.lost(taken, error);
    }
  }
}
