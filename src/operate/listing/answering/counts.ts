/** What was answered, in numbers: altogether, and by networks of clients (/24, /48), of which so many are kept and the others counted together. */
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

/** Since the counts before were taken. */
export interface AnswerCounts {
  readonly all: Readonly<Record<Counted, number>>;
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
  #all = zeros();
  #networks = new Map<number, Network>();
  #others = 0;

  /** So many networks at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** One query of a network, as `Client` numbers it. */
  add(what: Counted, network: number): void {
    this.#all[what]++;
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
    const counts = { all: this.#all, networks, others: this.#others };
    this.#all = zeros();
    this.#networks = new Map();
    this.#others = 0;
    return counts;
  }

  #begin(network: number): Network | undefined {
    if (this.#networks.size >= this.#most) return undefined;
    const begun = { queries: 0, listed: 0 };
    this.#networks.set(network, begun);
    return begun;
  }
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
