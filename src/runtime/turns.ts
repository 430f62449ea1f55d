/**
 * At most so many jobs at once, and so many waiting behind them: where a job is dear, a flood of them must cost the
 * flooders their patience, not the server its memory.
 */

export interface TurnLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Does the job in its turn; undefined, and it is not done, when too many wait. */
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
