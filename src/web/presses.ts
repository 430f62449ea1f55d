/** How often a test of one host is asked for from one network: once a minute, whatever came of it. */
import { clientNetwork, type Ip } from "../mail/index.ts";
import { SlidingCounts, type Clock } from "../runtime/index.ts";

const MINUTE_MS = 60_000;

/** Pairs of host and network that are remembered. */
const PAIRS = 10_000;

export class Presses {
  readonly #clock: Pick<Clock, "elapsed">;
  /** What was counted fades for as long again as the window is. */
  readonly #counts = new SlidingCounts<string>({ keys: PAIRS, windowMs: MINUTE_MS / 2 });

  constructor(clock: Pick<Clock, "elapsed">) {
    this.#clock = clock;
  }

  /** Counts one; the seconds to wait where it comes too soon. */
  take(host: Ip, by: Ip): number | undefined {
    const key = `${host} ${clientNetwork(by)}`;
    const now = this.#clock.elapsed();
    const wait = this.#counts.wait(key, 0, now);
    if (wait > 0) return Math.ceil(wait / 1000);
    this.#counts.add(key, now);
    return undefined;
  }
}
