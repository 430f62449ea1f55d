/**
 * What greylisting remembers, in the store: who tried what first and when, and which networks have come again. Promises: nobody waits
 * for a write; networks that have passed are known here at once, to others that share the store within a second.
 */
import type { IdentityLevel } from "../../mail/index.ts";
import { DAY_MS, HOUR_MS, type Greylist, type GreylistAttempt } from "../../policy/checks/index.ts";
import { putLast, type Clock } from "../../runtime/index.ts";
import type { Store } from "../../store/index.ts";
import type { GreylistSettings } from "./settings.ts";

export interface GreylistingDeps {
  readonly store: Pick<Store["greylist"], "passedAt" | "firstTried" | "noteAttempt" | "notePassed">;
  readonly settings: GreylistSettings;
  readonly clock: Pick<Clock, "now">;
}

/** Networks of which it is known without asking the store. */
const KNOWN = 10_000;

/** A network in use is noted anew so often. */
const RENEWAL_MS = HOUR_MS;

const SECOND_MS = 1000;

export class Greylisting implements Greylist {
  readonly below: IdentityLevel;
  readonly delayMs: number;
  readonly #deps: GreylistingDeps;
  /** When it was noted last. */
  readonly #passed = new Map<string, number>();

  constructor(deps: GreylistingDeps) {
    this.#deps = deps;
    this.below = deps.settings.below;
    this.delayMs = deps.settings.delay_seconds * SECOND_MS;
  }

  hasPassed(network: string): boolean {
    const { store, settings, clock } = this.#deps;
    const now = clock.now();
    const at = this.#passed.get(network) ?? store.passedAt(network);
    if (at === undefined || at < now - settings.passed_days * DAY_MS) return false;
    if (at < now - RENEWAL_MS) this.#pass(network, now);
    else putLast(this.#passed, network, at, KNOWN);
    return true;
  }

  attempt(attempt: GreylistAttempt): number {
    const { store, settings, clock } = this.#deps;
    const now = clock.now();
    const since = now - settings.retry_hours * HOUR_MS;
    const first = store.firstTried(attempt);
    // A clock that was set back would make others wait for the time it had before.
    const counts = first !== undefined && first >= since && first <= now;
    if (!counts) store.noteAttempt(attempt, { at: now, since });
    const waited = counts ? now - first : 0;
    if (waited >= this.delayMs) this.#pass(attempt.network, now);
    return waited;
  }

  #pass(network: string, now: number): void {
    this.#deps.store.notePassed(network, now);
    putLast(this.#passed, network, now, KNOWN);
  }
}
