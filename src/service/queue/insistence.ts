/**
 * What must be written although the store may fail for a while: the outcome of an attempt is known here alone, and
 * forgetting it would mean a duplicate. It is tried again until it is done, or until the server stops.
 */
import { errorText } from "../../runtime/index.ts";
import type { QueueDeps, Timer } from "./deps.ts";

/** From one try to the next. */
export const STORE_PAUSE_MS = 5000;

export class Insistence {
  readonly #log: QueueDeps["log"];
  readonly #timer: Timer;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopping = false;

  constructor({ log, timer }: Pick<QueueDeps, "log" | "timer">) {
    this.#log = log;
    this.#timer = timer;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** What is being tried has one more try. */
  stop(): void {
    this.#isStopping = true;
    this.#stopped.resolve();
  }

  /** Undefined: the server stops, and it could not be done. Never rejects. */
  async until<Result>(write: () => Promise<Result>): Promise<Result | undefined> {
    for (;;) {
      const isLast = this.#isStopping;
      try {
        return await write();
      } catch (error) {
        this.complain(error);
        if (isLast) return undefined;
      }
      await this.pause(STORE_PAUSE_MS);
    }
  }

  complain(error: unknown): void {
    this.#log.error("queue not written", {
      problem: errorText(error),
      todo: "see what keeps the store from working; nothing is lost, and it is tried again",
    });
  }

  /** Shorter when the server stops. */
  async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#timer.after(ms, resolve);
    await Promise.race([promise, this.#stopped.promise]);
    cancel();
  }
}
