/**
 * Tests as they are shown, read once for all who look at the same time: a test of a thousand cases costs a tenth of a second, for which
 * mail waits. Promises: one is read at once, and so many wait; what was read is remembered for a while.
 */
import { putLast, Turns, type Clock } from "../runtime/index.ts";
import type { SeenTest, SeenView } from "./listed-view.ts";

/** Milliseconds that one is shown as it was read: what comes back meanwhile is seen after them. */
const LIFE_MS = 30_000;

/** Tests that are remembered, each as far as it is shown. */
const REMEMBERED = 32;

/** That wait for being read. */
const WAITING = 20;

interface Remembered {
  /** By the clock's `elapsed`. */
  readonly until: number;
  readonly seen: Promise<SeenTest>;
}

export class SeenTests {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #turns = new Turns({ atOnce: 1, waiting: WAITING });
  readonly #remembered = new Map<string, Remembered>();

  constructor(clock: Pick<Clock, "elapsed">) {
    this.#clock = clock;
  }

  async see(id: string, read: () => Promise<SeenView | undefined>): Promise<SeenTest> {
    const now = this.#clock.elapsed();
    const before = this.#remembered.get(id);
    if (before !== undefined && now < before.until) return before.seen;
    const seen = this.#turns.run(async (): Promise<SeenTest> => (await read()) ?? "kept no longer");
    if (seen === undefined) return "too many ask";
    this.#remember(id, { until: now + LIFE_MS, seen });
    return seen;
  }

  /** What could not be read is not remembered. */
  #remember(id: string, one: Remembered): void {
    putLast(this.#remembered, id, one, REMEMBERED);
    one.seen.catch(() => {
      if (this.#remembered.get(id) === one) this.#remembered.delete(id);
    });
  }
}
