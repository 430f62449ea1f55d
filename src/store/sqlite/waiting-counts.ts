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
  operation(counts: readonly Count[]): Operation;
  /** These could not be written, and are gone. */
  lost(counts: readonly Count[], error: unknown): void;
}

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

  get size(): number {
    return this.#counts.size;
  }

  /** One with the same key waits. */
  has(count: Count): boolean {
    return this.#counts.has(this.#counting.keyOf(count));
  }

  add(count: Count): void {
    const key = this.#counting.keyOf(count);
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
