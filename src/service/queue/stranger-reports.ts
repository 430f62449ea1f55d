/**
 * How often senders of a domain elsewhere were told lately of what was sent on for them and failed, in memory. Whoever makes an alias
 * fail as often as he likes does not have us write as often to a domain, though it be his own.
 */
import type { Domain } from "../../mail/index.ts";
import { SlidingCounts, type Clock } from "../../runtime/index.ts";

/** Domains counted at once; what is forgotten beyond is what was counted longest ago. */
const DOMAINS = 10_000;
const HOUR_MS = 3_600_000;

export class StrangerReports {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #told = new SlidingCounts<Domain>({ keys: DOMAINS, windowMs: HOUR_MS });

  constructor(clock: Pick<Clock, "elapsed">) {
    this.#clock = clock;
  }

  hasRoom(domain: Domain, perHour: number): boolean {
    return this.#told.wait(domain, perHour - 1, this.#clock.elapsed()) === 0;
  }

  count(domain: Domain): void {
    this.#told.add(domain, this.#clock.elapsed());
  }
}
