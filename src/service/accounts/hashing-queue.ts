/**
 * At most so many password checks at once, and so many waiting behind them: each takes 19 MiB and a core, and
 * a flood of logins must cost the flooders their patience, not the server its memory.
 */

export interface QueueLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

export class HashingQueue {
  readonly #limits: QueueLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Does the job in its turn; undefined, and it is not done, when the queue is full. */
  run<T>(job: () => Promise<T>): Promise<T> | undefined {
    if (this.#running < this.#limits.atOnce) return this.#start(job);
    if (this.#waiting.length >= this.#limits.waiting) return undefined;
    const { promise, resolve } = Promise.withResolvers<T>();
    this.#waiting.push(() => resolve(this.#start(job)));
    return promise;
  }

  async #start<T>(job: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await job();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
