/** How often, and how long, a server that wants to be left alone for a while is waited for. One for each endpoint. */
import type { Machine } from "./machine.ts";

/** How long a server that says 421 is left alone, the first time and the ones after it, in milliseconds. */
export const BUSY_WAITS_MS = [5000, 30_000, 120_000] as const;

/** The same where it puts off mail for its own people: greylisting, and five minutes are the usual time. */
export const GREYLIST_WAITS_MS = [60_000, 300_000] as const;

/** How often one endpoint is waited for in all because it says 421. */
const BUSY_LIMIT = 10;

export class Patience {
  readonly #machine: Pick<Machine, "sleep">;
  readonly #stopped: (() => boolean) | undefined;
  /** How often it has asked to come back later, and was waited for. */
  busy = 0;

  constructor(machine: Pick<Machine, "sleep">, stopped?: () => boolean) {
    this.#machine = machine;
    this.#stopped = stopped;
  }

  /** Waits; false, and at once, where that was done often enough, or the test is interrupted. `waits`: how often for the same thing before. */
  async untilFree(waits: number): Promise<boolean> {
    if (this.busy >= BUSY_LIMIT || !(await this.#sleep(BUSY_WAITS_MS[waits]))) return false;
    this.busy++;
    return true;
  }

  untilKnown(waits: number): Promise<boolean> {
    return this.#sleep(GREYLIST_WAITS_MS[waits]);
  }

  async #sleep(ms: number | undefined): Promise<boolean> {
    if (ms === undefined || this.#stopped?.() === true) return false;
    await this.#machine.sleep(ms, this.#stopped);
    return this.#stopped?.() !== true;
  }
}
