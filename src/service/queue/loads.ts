/**
 * What was claimed and is not attempted yet: loads (one message's recipients of one destination), taken out in turn
 * from one destination after the other, and from none more than it bears at once.
 */
import { Tally } from "../../runtime/index.ts";
import type { Claimed, ClaimedRow, Lease } from "../../store/index.ts";

/** At least one row; all of one message. */
export interface Load {
  readonly lease: Lease;
  readonly destination: string;
  /** When it was claimed, by the clock that never goes back. */
  readonly since: number;
  readonly rows: readonly [ClaimedRow, ...ClaimedRow[]];
}

export function loadsOf({ lease, destinations }: Claimed, since: number): readonly Load[] {
  return destinations.flatMap(({ destination, rows }) =>
    [...Map.groupBy(rows, ({ message }) => message).values()].flatMap(([first, ...rest]) =>
      first === undefined ? [] : [{ lease, destination, since, rows: [first, ...rest] as const }],
    ),
  );
}

export class Loads {
  /** By destination, the one whose turn was longest ago first. */
  readonly #waiting = new Map<string, Load[]>();
  readonly #underWay = new Tally<string>();

  get underWay(): number {
    return this.#underWay.total;
  }

  add(load: Load): void {
    const waiting = this.#waiting.get(load.destination);
    if (waiting === undefined) this.#waiting.set(load.destination, [load]);
    else waiting.push(load);
  }

  /** The next one that may start, now under way; `limit` says how many of a destination may be so. */
  start(limit: (destination: string) => number): Load | undefined {
    for (const [destination, [load, ...rest]] of this.#waiting) {
      if (load === undefined || this.#underWay.of(destination) >= limit(destination)) continue;
      this.#waiting.delete(destination);
      if (rest.length > 0) this.#waiting.set(destination, rest);
      this.#underWay.add(destination);
      return load;
    }
    return undefined;
  }

  ended({ destination }: Load): void {
    this.#underWay.remove(destination);
  }

  /** What waits for a destination does so no longer. */
  take(destination: string): readonly Load[] {
    const loads = this.#waiting.get(destination) ?? [];
    this.#waiting.delete(destination);
    return loads;
  }

  takeAll(): readonly Load[] {
    const loads = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    return loads;
  }
}
