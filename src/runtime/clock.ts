/** Time as a parameter: nobody else asks the machine what time it is. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump; for what people read and what is stored. */
  now(): number;
  /** Milliseconds that never go back; for durations and deadlines. */
  elapsed(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  #now: number;
  #elapsed = 0;

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** The wall clock is set: nothing else has passed. */
  jump(ms: number): void {
    this.#now += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
  }
}
