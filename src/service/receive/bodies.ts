/**
 * Messages whose content is coming in, over all sessions. When there are as many as may be, the slowest gives way to a new one:
 * content that trickles holds its place for an hour and costs its sender nothing, and a few hundred such senders would keep
 * all other mail out.
 */
import type { Clock } from "../../runtime/index.ts";

export interface Body {
  /** Octets that have come. */
  readonly octets: number;
  /** All of it is there: from now on its place is ours to free. */
  readonly isWhole: boolean;
  /** What came is worth nothing any more, and what still comes neither. */
  giveWay(): void;
}

/** A body is slow that came, on the average, at less than this. */
const SLOW_OCTETS_PER_SECOND = 1024;

/** And for at least so long, in milliseconds. */
const SLOW_AFTER_MS = 10_000;

export class Bodies {
  readonly #clock: Clock;
  /** When each began, by the clock's `elapsed`. */
  readonly #begun = new Map<Body, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get total(): number {
    return this.#begun.size;
  }

  /** Whether there is room for one more; false when there are `limit` of them and none is slow. */
  makeRoom(limit: number): boolean {
    if (this.#begun.size < limit) return true;
    const slowest = this.#slowest();
    if (slowest === undefined) return false;
    this.leave(slowest);
    slowest.giveWay();
    return true;
  }

  enter(body: Body): void {
    this.#begun.set(body, this.#clock.elapsed());
  }

  /** Harmless for one that gave way. */
  leave(body: Body): void {
    this.#begun.delete(body);
  }

  #slowest(): Body | undefined {
    const now = this.#clock.elapsed();
    let slowest: Body | undefined;
    let least = SLOW_OCTETS_PER_SECOND;
    for (const [body, begunAt] of this.#begun) {
      const seconds = (now - begunAt) / 1000;
      const rate = body.octets / seconds;
      if (body.isWhole || now - begunAt < SLOW_AFTER_MS || rate >= least) continue;
      slowest = body;
      least = rate;
    }
    return slowest;
  }
}
