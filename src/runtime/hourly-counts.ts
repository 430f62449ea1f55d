/**
 * How often something was done lately for each key, where it may be done so often in an hour; in memory. Memory is bounded as that of
 * SlidingCounts is.
 */
import type { Clock } from "./clock.ts";
import { SlidingCounts } from "./sliding-counts.ts";

const HOUR_MS = 3_600_000;

export class HourlyCounts<Key> {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #counts: SlidingCounts<Key>;

  /** `keys`: counted at once. */
  constructor(keys: number, clock: Pick<Clock, "elapsed">) {
    this.#clock = clock;
    this.#counts = new SlidingCounts({ keys, windowMs: HOUR_MS });
  }

  /** Once more would not be more than `perHour`. */
  hasRoom(key: Key, perHour: number): boolean {
    return this.#counts.wait(key, perHour - 1, this.#clock.elapsed()) === 0;
  }

  count(key: Key): void {
    this.#counts.add(key, this.#clock.elapsed());
  }
}
