/**
 * The entries that an address belongs to, while one walks over all addresses: their values by the rank of their entries. The
 * highest rank alone counts: the longest match.
 */
import { VALUES_LIMIT, type AnswerSets } from "./answer-sets.ts";
import { EXCLUDED } from "./snapshot.ts";

/** What several entries of one rank mean: all of their values, or what the first one says. */
export type Ties = "all" | "first";

export class ActiveValues {
  readonly #ties: Ties;
  /** How many entries give each value, by rank; in the order in which they came. */
  readonly #ranks: (Map<number, number> | undefined)[] = [];
  /** No rank above it is in use. */
  #top = -1;

  constructor(ties: Ties) {
    this.#ties = ties;
  }

  get none(): boolean {
    return this.#top < 0;
  }

  /** False where there are too many values already: the entry is left out. */
  add(rank: number, value: number): boolean {
    const values = (this.#ranks[rank] ??= new Map<number, number>());
    const entries = values.get(value);
    if (entries === undefined && values.size >= VALUES_LIMIT) return false;
    values.set(value, (entries ?? 0) + 1);
    this.#top = Math.max(this.#top, rank);
    return true;
  }

  remove(rank: number, value: number): void {
    const values = this.#ranks[rank];
    const entries = values?.get(value) ?? 0;
    if (entries > 1) values?.set(value, entries - 1);
    else values?.delete(value);
    while (this.#top >= 0 && (this.#ranks[this.#top]?.size ?? 0) === 0) this.#top--;
  }

  /** What counts now; `EXCLUDED` where nothing is listed. */
  answer(sets: AnswerSets): number {
    const values = this.#ranks[this.#top];
    if (values === undefined) return EXCLUDED;
    if (values.size > 1 && this.#ties === "all") return sets.answerOf(new Set(values.keys()));
    for (const [first] of values) return first;
    return EXCLUDED;
  }
}
