/**
 * How many of something there were lately under each key: a sliding window, of which what was counted before the present stretch fades
 * evenly. Two numbers a key, and so many keys, the one counted longest ago forgotten first.
 */
import { putLast } from "./distinct-counts.ts";

export interface SlidingLimits {
  readonly keys: number;
  readonly windowMs: number;
}

interface Stretch {
  /** When the present one began. */
  readonly began: number;
  readonly before: number;
  readonly present: number;
}

/** What is counted at one moment, as plain numbers. */
export interface Counted {
  /** Milliseconds of the present stretch that have passed. */
  readonly passedMs: number;
  /** Counted in the stretch before, and in the present one. */
  readonly before: number;
  readonly present: number;
}

export class SlidingCounts<Key> {
  readonly #limits: SlidingLimits;
  readonly #stretches = new Map<Key, Stretch>();

  constructor(limits: SlidingLimits) {
    this.#limits = limits;
  }

  /** One more. `now`: milliseconds that never go back. */
  add(key: Key, now: number): void {
    const stretch = this.#at(key, now);
    const counted = { ...stretch, present: stretch.present + 1 };
    putLast(this.#stretches, key, counted, this.#limits.keys);
  }

  /** Milliseconds until there are at most so many, if none comes; 0: now. */
  wait(key: Key, most: number, now: number): number {
    return waitMs(this.counted(key, now), most, this.#limits.windowMs);
  }

  counted(key: Key, now: number): Counted {
    const { began, before, present } = this.#at(key, now);
    return { passedMs: now - began, before, present };
  }

  #at(key: Key, now: number): Stretch {
    const { windowMs } = this.#limits;
    const stretch = this.#stretches.get(key);
    if (stretch === undefined || now - stretch.began >= 2 * windowMs)
      return { began: now, before: 0, present: 0 };
    if (now - stretch.began < windowMs) return stretch;
    return { began: stretch.began + windowMs, before: stretch.present, present: 0 };
  }
}

/** The same, of what was counted. */
export function waitMs(
  { passedMs, before, present }: Counted,
  most: number,
  windowMs: number,
): number {
  const at =
    present <= most
      ? faded(before, most - present) * windowMs
      : (1 + faded(present, most)) * windowMs;
  return Math.max(0, at - passedMs);
}

/** The part of a stretch after which so many are no more than `most`. */
function faded(count: number, most: number): number {
  return count <= most ? 0 : 1 - most / count;
}
