/**
 * How many different things were seen lately under each key; the same one again is no more. Memory is bounded: so many
 * keys, so many things under each, the oldest of either forgotten first.
 */

export interface CountLimits {
  readonly keys: number;
  /** Things remembered under one key; the count never exceeds it. */
  readonly things: number;
  /** Since it was last seen, milliseconds. */
  readonly lifetimeMs: number;
}

export class DistinctCounts<Key, Thing> {
  readonly #limits: CountLimits;
  /** Under each key what was seen and when, the newest last; keys likewise. */
  readonly #seen = new Map<Key, Map<Thing, number>>();

  constructor(limits: CountLimits) {
    this.#limits = limits;
  }

  /** `now`: milliseconds that never go back. */
  add(key: Key, thing: Thing, now: number): void {
    const things = this.#seen.get(key) ?? new Map<Thing, number>();
    putLast(this.#seen, key, things, this.#limits.keys);
    putLast(things, thing, now, this.#limits.things);
  }

  count(key: Key, now: number): number {
    const things = this.#seen.get(key);
    if (things === undefined) return 0;
    for (const [thing, at] of things) {
      if (now - at < this.#limits.lifetimeMs) break;
      things.delete(thing);
    }
    if (things.size === 0) this.#seen.delete(key);
    return things.size;
  }
}

/** Puts an entry behind all others; the first one goes when there are too many. */
export function putLast<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value,
  limit: number,
): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  for (const first of map.keys()) {
    map.delete(first);
    return;
  }
}
