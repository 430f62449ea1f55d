/**
 * What is asked about the published lists of a running server: counted in memory, written to the store once a minute and to the log once an
 * hour. Promises: whoever answers waits for neither; what could not be written is written later.
 */
import {
  COUNTED,
  sumOf,
  type AnswerCounts,
  type Counted,
  type Tally,
} from "../operate/listing/answering/index.ts";
import { ListStatistics } from "../operate/listing/serving/index.ts";
import { errorText, type Clock, type Log } from "../runtime/index.ts";
import type { ListClient, ListQuestions } from "../store/index.ts";

/** Networks that a line in the log names. */
const TOLD_NETWORKS = 5;

export interface AskedListsDeps {
  readonly store: Pick<ListQuestions, "add">;
  readonly clock: Clock;
  readonly log: Log;
  /** Networks of an hour that are kept by themselves; 0: none is kept, nor named. */
  readonly networks: () => number;
}

export class AskedLists {
  readonly #deps: AskedListsDeps;
  /** Of the minute and of the hour. */
  readonly #fresh = new ListStatistics();
  readonly #untold = new ListStatistics();

  constructor(deps: AskedListsDeps) {
    this.#deps = deps;
  }

  count(counts: AnswerCounts): void {
    this.#fresh.add(counts);
  }

  /** Writes what was counted since it was last. Does not reject. */
  async keep(): Promise<void> {
    const counts = this.#fresh.take();
    if (counts.zones.size === 0) return;
    const { store, clock, log, networks } = this.#deps;
    try {
      await store.add({
        at: clock.now(),
        zones: [...counts.zones].flatMap(([zone, tally]) =>
          askedOf(tally).map(([outcome, questions]) => ({ zone, outcome, questions })),
        ),
        ...(networks() > 0 && { clients: { ...clientsOf(counts, networks()), limit: networks() } }),
      });
      this.#untold.add(counts);
    } catch (error) {
      this.#fresh.add(counts);
      log.error("questions about published lists not written", { problem: errorText(error) });
    }
  }

  /** Tells what was written since it was last told. */
  tell(): void {
    const { zones, networks, others } = this.#untold.take();
    const asked = askedOf(sumOf(zones.values()));
    if (asked.length === 0) return;
    const named = this.#deps.networks() > 0 ? networks.slice(0, TOLD_NETWORKS) : [];
    this.#deps.log.info("questions about published lists", {
      ...Object.fromEntries(asked),
      networks: networks.length,
      most: named,
      others,
    });
  }
}

function askedOf(tally: Tally): readonly (readonly [Counted, number])[] {
  return COUNTED.map((what) => [what, tally[what]] as const).filter(([, count]) => count > 0);
}

function clientsOf({ networks, others }: AnswerCounts, limit: number) {
  const clients = networks.map(({ network, queries, listed }): ListClient => ({
    network,
    questions: queries,
    listed,
  }));
  const beyond = clients.slice(limit).reduce((sum, { questions }) => sum + questions, 0);
  return { networks: clients.slice(0, limit), others: others + beyond };
}
