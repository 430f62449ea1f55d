/** Operations that wait for the writer, and how many of them make one batch. */
import type { StoreError } from "../index.ts";
import type { Operation, OperationResult } from "./operations.ts";

/** Operations of one batch. */
const BATCH_OPERATIONS = 1000;

/** Octets after which a batch takes no further operation. */
const BATCH_OCTETS = 16 * 1024 * 1024;

export interface Waiting {
  /** Called when the batch is made. */
  readonly operation: () => Operation;
  /** What goes with it, to be transferred. */
  readonly arrays: readonly ArrayBuffer[];
  readonly resolve: (result: OperationResult) => void;
  readonly reject: (error: StoreError) => void;
}

export class BatchQueue {
  readonly #waiting: Waiting[] = [];
  /** In no hurry: nobody sends a batch for them, but they go with the next one. */
  readonly #unhurried: Waiting[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  push(waiting: Waiting, hurried: boolean): void {
    (hurried ? this.#waiting : this.#unhurried).push(waiting);
  }

  /** From now on what was in no hurry waits like the others. */
  hurry(): void {
    this.#waiting.push(...this.#unhurried.splice(0));
  }

  /** Takes the next batch off: what waits, in order, up to the limits. */
  nextBatch(): readonly Waiting[] {
    this.hurry();
    let octets = 0;
    let count = 0;
    for (const { arrays } of this.#waiting) {
      if (count === BATCH_OPERATIONS || octets >= BATCH_OCTETS) break;
      for (const array of arrays) octets += array.byteLength;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Takes everything off. */
  clear(): readonly Waiting[] {
    this.hurry();
    return this.#waiting.splice(0);
  }
}
