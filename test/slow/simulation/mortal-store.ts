/**
 * A store as one server sees it until it dies: at some step of a write, before it is done or after, everything stops.
 * Who waits then waits for ever; what was written is in the file. It can fail for a while, too.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { StoreError, type MessageDraft, type Store } from "../../../src/store/index.ts";
import type { QueueDeps } from "../../../src/service/queue/index.ts";

export class MortalStore {
  readonly #store: Store;
  #stepsLeft: number;
  #dead = false;
  #failing = false;
  #underWay = 0;
  #quiet = Promise.withResolvers<void>();

  /** Dies at the step of that number; each write has two. */
  constructor(store: Store, steps: number) {
    this.#store = store;
    this.#stepsLeft = steps;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  fail(failing: boolean): void {
    this.#failing = failing;
  }

  /** When nothing is under way any more, and nothing follows from what was. */
  async idle(): Promise<void> {
    do {
      if (this.#underWay > 0) await this.#quiet.promise;
      await nextTurn();
    } while (this.#underWay > 0);
  }

  readonly queue: QueueDeps["queue"] = {
    nextDue: () => (this.#dead ? undefined : this.#store.queue.nextDue()),
    read: (row, offset, limit) => this.#store.queue.read(row, offset, limit),
    list: (filter, page) => this.#store.queue.list(filter, page),
    claim: (claim) => this.#write(() => this.#store.queue.claim(claim)),
    extend: (lease, rows, until) => this.#write(() => this.#store.queue.extend(lease, rows, until)),
    giveBack: (lease, rows, at) => this.#write(() => this.#store.queue.giveBack(lease, rows, at)),
    settle: (settlement) => this.#write(() => this.#store.queue.settle(settlement)),
  };

  openMessage(): MessageDraft {
    const draft = this.#store.openMessage();
    return {
      write: (slice, drained) => draft.write(slice, drained),
      commit: (message) => this.#write(() => draft.commit(message)),
      abandon: () => draft.abandon(),
    };
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    if (this.#step()) return never();
    if (this.#failing) throw new StoreError("the disk is full");
    if (this.#underWay++ === 0) this.#quiet = Promise.withResolvers();
    try {
      const result = await write();
      return this.#step() ? await this.#hang() : result;
    } finally {
      if (--this.#underWay === 0) this.#quiet.resolve();
    }
  }

  /** Leaves what is under way, for the dead wait for nothing. */
  #hang(): Promise<never> {
    if (--this.#underWay === 0) this.#quiet.resolve();
    return never();
  }

  /** True: this is where it died, or it is dead already. */
  #step(): boolean {
    if (--this.#stepsLeft <= 0) this.#dead = true;
    return this.#dead;
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
