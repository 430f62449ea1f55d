/** Waiting until somebody rings or a time is over. A ring that nobody waited for is kept: the next wait is short. */
import type { Timer } from "./deps.ts";

export class Bell {
  readonly #timer: Timer;
  #rung = false;
  #answer: (() => void) | undefined;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  ring(): void {
    this.#rung = true;
    this.#answer?.();
  }

  /** One waits at a time. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#answer = resolve;
      const stop = this.#timer.after(ms, resolve);
      await promise;
      stop();
      this.#answer = undefined;
    }
    this.#rung = false;
  }
}
