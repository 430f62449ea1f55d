/** What was answered, in numbers: by zones, and by networks of clients (/24, /48), of which so many are kept and the others counted together. */
import { networkText } from "./client.ts";

/** What became of a query. */
export const COUNTED = [
  "listed",
  "notListed",
  "noData",
  "aboutZone",
  "transfer",
  "truncated",
  "refused",
  "malformed",
  "failed",
  "limited",
  "silent",
] as const;

export type Counted = (typeof COUNTED)[number];

/** Queries by what became of them. */
export type Tally = Readonly<Record<Counted, number>>;

/** In the place of a zone: about none that is served here. */
export const NO_ZONE = "";

/** Since the counts before were taken. */
export interface AnswerCounts {
  /** Those of which there were any, by origin. */
  readonly zones: ReadonlyMap<string, Tally>;
  /** The most diligent first. */
  readonly networks: readonly NetworkCounts[];
  /** Queries of networks for which there was no room. */
  readonly others: number;
}

export interface NetworkCounts {
  /** "192.0.2.0/24" */
  readonly network: string;
  readonly queries: number;
  readonly listed: number;
}

interface Network {
  queries: number;
  listed: number;
}

export class Counts {
  readonly #most: number;
  #zones = new Map<string, Record<Counted, number>>();
  #networks = new Map<number, Network>();
  #others = 0;

  /** So many networks at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** One query of a network, as `Client` numbers it, about a zone. */
  add(what: Counted, network: number, zone: string): void {
    const tally = this.#zones.get(zone) ?? this.#tally(zone);
    tally[what]++;
    const known = this.#networks.get(network) ?? this.#begin(network);
    if (known === undefined) {
      this.#others++;
      return;
    }
    known.queries++;
    if (what === "listed") known.listed++;
  }

  /** What was counted, which is then begun anew. */
  take(): AnswerCounts {
    const networks = [...this.#networks]
      .map(([number, counted]) => ({ network: networkText(number), ...counted }))
      .toSorted((a, b) => b.queries - a.queries);
    const counts = { zones: this.#zones, networks, others: this.#others };
    this.#zones = new Map();
    this.#networks = new Map();
    this.#others = 0;
    return counts;
  }

  #tally(zone: string): Record<Counted, number> {
    const tally = zeros();
    this.#zones.set(zone, tally);
    return tally;
  }

  #begin(network: number): Network | undefined {
    if (this.#networks.size >= this.#most) return undefined;
    const begun = { queries: 0, listed: 0 };
    this.#networks.set(network, begun);
    return begun;
  }
}

/** All of them in one. */
export function sumOf(tallies: Iterable<Tally>): Tally {
  const sum = zeros();
  for (const tally of tallies) for (const what of COUNTED) sum[what] += tally[what];
  return sum;
}

function zeros(): Record<Counted, number> {
  return {
    listed: 0,
    notListed: 0,
    noData: 0,
    aboutZone: 0,
    transfer: 0,
    truncated: 0,
    refused: 0,
    malformed: 0,
    failed: 0,
    limited: 0,
    silent: 0,
  };
}
