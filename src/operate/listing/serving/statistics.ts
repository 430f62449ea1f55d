/** What all threads have answered, by zones and by networks of clients. Memory is bounded: networks for which there is no room are counted together. */
import { sumOf, type AnswerCounts, type NetworkCounts, type Tally } from "../answering/index.ts";

/** Networks that are counted by themselves. */
const NETWORKS = 10_000;

export class ListStatistics {
  #zones = new Map<string, Tally>();
  #networks = new Map<string, NetworkCounts>();
  #others = 0;

  add({ zones, networks, others }: AnswerCounts): void {
    for (const [zone, tally] of zones) {
      const before = this.#zones.get(zone);
      this.#zones.set(zone, before === undefined ? tally : sumOf([before, tally]));
    }
    for (const counts of networks) this.#addNetwork(counts);
    this.#others += others;
  }

  /** What was added since it was taken before. The most diligent networks first. */
  take(): AnswerCounts {
    const networks = [...this.#networks.values()].toSorted((a, b) => b.queries - a.queries);
    const counts = { zones: this.#zones, networks, others: this.#others };
    this.#zones = new Map();
    this.#networks = new Map();
    this.#others = 0;
    return counts;
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
