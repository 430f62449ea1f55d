/**
 * What is known of each destination: how many attempts it bears at once, and whether it was found unreachable. It
 * starts small, grows with each attempt that went well and shrinks when one did not; after an attempt that reached
 * nobody the whole destination rests. In memory and bounded: what is forgotten is found out again by one attempt.
 */
import { outcomeKind, type Outcome } from "../../mail/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { Attempt } from "../delivery/index.ts";
import type { Schedule } from "./schedule.ts";

/** Attempts at once to a destination of which nothing is known. */
const FIRST_LIMIT = 2;
/** Destinations remembered; the one that was heard of longest ago is forgotten first. */
const REMEMBERED = 10_000;
/** A destination is asked again after an hour at the latest, however seldom its recipients are due. */
const LONGEST_REST_MS = 3_600_000;

interface Known {
  readonly limit: number;
  /** Attempts in a row that reached nobody. */
  readonly failures: number;
  readonly rest?: Rest;
}

/** Nobody was reached: until the rest is over, its recipients share that outcome without a connection. */
export interface Rest {
  /** When that was found, by the wall clock. */
  readonly since: number;
  readonly outcome: Outcome;
  /** By the clock that never goes back. */
  readonly sinceElapsed: number;
  readonly untilElapsed: number;
}

export interface Ended {
  readonly attempt: Attempt;
  /** By the clock that never goes back. */
  readonly began: number;
}

const UNKNOWN: Known = { limit: FIRST_LIMIT, failures: 0 };

export class Destinations {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Attempts it bears at once, `most` at the most. */
  limit(destination: string, most: number): number {
    return Math.min(this.#of(destination).limit, most);
  }

  rest(destination: string): Rest | undefined {
    const { rest } = this.#of(destination);
    return rest !== undefined && this.#clock.elapsed() < rest.untilElapsed ? rest : undefined;
  }

  /** Learns from the end of an attempt that began then; `most` is as far as the limit grows. */
  learn(destination: string, { attempt, began }: Ended, schedule: Schedule, most: number): void {
    const { limit, failures, rest: before } = this.#of(destination);
    const [first] = attempt.outcomes;
    if (attempt.unreachable && first !== undefined) {
      // Those that ran side by side have found the same thing once.
      if (before !== undefined && began <= before.sinceElapsed) return;
      const rest = this.#restAfter(failures, first, schedule);
      const counted = rest === undefined ? { failures } : { failures: failures + 1, rest };
      this.#remember(destination, { limit: 1, ...counted });
    } else if (attempt.outcomes.every((outcome) => outcomeKind(outcome) === "deferred"))
      this.#remember(destination, { limit: Math.max(1, Math.floor(limit / 2)), failures: 0 });
    else this.#remember(destination, { limit: Math.min(most, limit + 1), failures: 0 });
  }

  /**
   * It rests for as long as a recipient that had failed so often waits, so the only recipient of a destination is never
   * kept waiting by it. What failed for good says nothing about others.
   */
  #restAfter(failures: number, found: Outcome, { retryMs }: Schedule): Rest | undefined {
    if (outcomeKind(found) !== "deferred") return undefined;
    const wait = retryMs[Math.min(failures, retryMs.length - 1)] ?? LONGEST_REST_MS;
    const since = this.#clock.now();
    const sinceElapsed = this.#clock.elapsed();
    const untilElapsed = sinceElapsed + Math.min(wait, LONGEST_REST_MS);
    return { since, sinceElapsed, untilElapsed, outcome: shared(found, since) };
  }

  #of(destination: string): Known {
    return this.#known.get(destination) ?? UNKNOWN;
  }

  #remember(destination: string, known: Known): void {
    this.#known.delete(destination);
    this.#known.set(destination, known);
    if (this.#known.size <= REMEMBERED) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

/** The outcome for those that were not attempted themselves. */
function shared({ status, reply }: Outcome, since: number): Outcome {
  const found = `its destination was found unreachable at ${new Date(since).toISOString()}, and rests`;
  const reason = status.reason === undefined ? found : `${found}: ${status.reason}`;
  return { status: { ...status, reason }, ...(reply !== undefined && { reply }) };
}
