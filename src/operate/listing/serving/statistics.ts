/** What all threads have answered, by what became of it and by networks of clients. Memory is bounded: networks for which there is no room are counted together. */
import {
  COUNTED,
  type AnswerCounts,
  type Counted,
  type NetworkCounts,
} from "../answering/index.ts";

/** Networks that are counted by themselves. */
const NETWORKS = 10_000;

export class ListStatistics {
  readonly #all = new Map<Counted, number>(COUNTED.map((what) => [what, 0]));
  #networks = new Map<string, NetworkCounts>();
  #others = 0;

  add({ all, networks, others }: AnswerCounts): void {
    for (const what of COUNTED) this.#all.set(what, this.#of(what) + all[what]);
    for (const counts of networks) this.#addNetwork(counts);
    this.#others += others;
  }

  /** What was added since it was taken before. The most diligent networks first. */
  take(): AnswerCounts {
    const all = Object.fromEntries(COUNTED.map((what) => [what, this.#of(what)]));
    const networks = [...this.#networks.values()].toSorted((a, b) => b.queries - a.queries);
    const others = this.#others;
    for (const what of COUNTED) this.#all.set(what, 0);
    this.#networks = new Map();
    this.#others = 0;
    return { all: all as AnswerCounts["all"], networks, others }; // each of COUNTED is there
  }

  #of(what: Counted): number {
    return this.#all.get(what) ?? 0;
  }

  #addNetwork(counts: NetworkCounts): void {
    const { network, queries, listed } = counts;
    const before = this.#networks.get(network);
    if (before !== undefined)
      this.#networks.set(network, {
        network,
        queries: before.queries + queries,
        listed: before.listed + listed,
      });
    else if (this.#networks.size < NETWORKS) this.#networks.set(network, counts);
    else this.#others += queries;
  }
}
