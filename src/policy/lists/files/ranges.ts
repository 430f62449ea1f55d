/**
 * Entries about addresses, as they come: first, last, rank, value. In the end they become segments that do not overlap (see
 * snapshot.ts): one walk over all beginnings and ends, from the lowest address to the highest.
 */
import { ActiveValues, type Ties } from "./active-values.ts";
import type { AnswerSets } from "./answer-sets.ts";
import { GrowingWords } from "./growing-words.ts";
import { compare, orderOf } from "./order.ts";
import { EXCLUDED, type Segments } from "./snapshot.ts";

export class Ranges {
  readonly #width: 1 | 4;
  readonly #firsts = new GrowingWords();
  readonly #lasts = new GrowingWords();
  readonly #ranks = new GrowingWords();
  readonly #values = new GrowingWords();

  constructor(width: 1 | 4) {
    this.#width = width;
  }

  /** The higher the rank, the more it counts. */
  add(first: readonly number[], last: readonly number[], rank: number, value: number): void {
    for (let i = 0; i < this.#width; i++) {
      this.#firsts.push(first[i] ?? 0);
      this.#lasts.push(last[i] ?? 0);
    }
    this.#ranks.push(rank);
    this.#values.push(value);
  }

  /** `leftOut` is called for each entry for which there are too many others at one place. */
  segments(ties: Ties, sets: AnswerSets, leftOut: () => void): Segments {
    const rows = {
      width: this.#width,
      firsts: this.#firsts.view(),
      lasts: this.#lasts.view(),
      ranks: this.#ranks.view(),
      values: this.#values.view(),
    };
    return segmentsOf(rows, ties, sets, leftOut);
  }
}

/** Entries about addresses, one a row; first and last have `width` words each. */
export interface AddressRows {
  readonly width: 1 | 4;
  readonly firsts: Uint32Array;
  readonly lasts: Uint32Array;
  readonly ranks: Uint32Array;
  readonly values: Uint32Array;
}

/** What `Ranges` does with its entries, of rows that somebody else has. */
export function segmentsOf(
  { width, firsts, lasts, ranks, values }: AddressRows,
  ties: Ties,
  sets: AnswerSets,
  leftOut: () => void,
): Segments {
  const [begins, ends] = [orderOf(firsts, width), orderOf(lasts, width)];
  const active = new ActiveValues(ties);
  const out = new Set<number>();
  const segments = new SegmentRow(width);
  /** Most entries have nothing in common with any other. */
  const standsAlone = (row: number, next: number | undefined): boolean =>
    active.none && (next === undefined || compare(lasts, row, firsts, next, width) < 0);
  for (let b = 0, e = 0; e < ends.length;) {
    const begin = begins[b];
    const end = ends[e] ?? 0;
    if (begin === end && standsAlone(begin, begins[b + 1])) {
      segments.whole(firsts, lasts, begin, values[begin] ?? EXCLUDED);
      b++;
      e++;
      continue;
    }
    if (begin !== undefined && compare(firsts, begin, lasts, end, width) <= 0) {
      const here = begin;
      for (
        let row = begins[b];
        row !== undefined && compare(firsts, row, firsts, here, width) === 0;
        row = begins[++b]
      )
        // prettier-ignore
        if (!active.add(ranks[row] ?? 0, values[row] ?? 0)) {
          out.add(row);
          leftOut();
        }
      segments.turnBefore(firsts, here, active.answer(sets));
    } else {
      const here = end;
      for (
        let row = ends[e];
        row !== undefined && compare(lasts, row, lasts, here, width) === 0;
        row = ends[++e]
      )
        // prettier-ignore
        if (!out.delete(row)) active.remove(ranks[row] ?? 0, values[row] ?? 0);
      segments.turnAfter(lasts, here, active.answer(sets));
    }
  }
  return segments.finish();
}

/** Segments while they are made: at each turn the answer may become another one. */
class SegmentRow {
  readonly #width: 1 | 4;
  readonly #firsts = new GrowingWords();
  readonly #lasts = new GrowingWords();
  readonly #answers = new GrowingWords();
  /** Of the addresses from `#from` on. */
  #answer = EXCLUDED;
  readonly #from: Uint32Array;
  readonly #at: Uint32Array;

  constructor(width: 1 | 4) {
    this.#width = width;
    this.#from = new Uint32Array(width);
    this.#at = new Uint32Array(width);
  }

  /** From this address on the answer is another. */
  turnBefore(words: Uint32Array, row: number, answer: number): void {
    if (answer === this.#answer) return;
    this.#goTo(words, row);
    if (compare(this.#from, 0, this.#at, 0, this.#width) < 0) {
      step(this.#at, -1);
      this.#end();
      step(this.#at, 1);
    }
    this.#begin(answer);
  }

  /** Behind this address the answer is another. */
  turnAfter(words: Uint32Array, row: number, answer: number): void {
    if (answer === this.#answer) return;
    this.#goTo(words, row);
    this.#end();
    step(this.#at, 1); // behind the highest one there is the lowest: nothing will come, and the answer is none
    this.#begin(answer);
  }

  /** From the row's first address to its last, between two turns. */
  whole(firsts: Uint32Array, lasts: Uint32Array, row: number, answer: number): void {
    this.#goTo(firsts, row);
    this.#begin(answer);
    this.#goTo(lasts, row);
    this.#end();
    this.#answer = EXCLUDED;
  }

  finish(): Segments {
    return {
      width: this.#width,
      firsts: this.#firsts.exact(),
      lasts: this.#lasts.exact(),
      answers: this.#answers.exact(),
    };
  }

  #goTo(words: Uint32Array, row: number): void {
    for (let i = 0; i < this.#width; i++) this.#at[i] = words[row * this.#width + i] ?? 0;
  }

  #begin(answer: number): void {
    this.#from.set(this.#at);
    this.#answer = answer;
  }

  /** A segment up to here; the one before becomes longer where it says the same. */
  #end(): void {
    if (this.#answer === EXCLUDED) return;
    const row = this.#answers.length - 1;
    const joins = row >= 0 && this.#answers.at(row) === this.#answer && this.#follows(row);
    if (!joins) {
      for (const word of this.#from) this.#firsts.push(word);
      for (const word of this.#at) this.#lasts.push(word);
      this.#answers.push(this.#answer);
      return;
    }
    for (let i = 0; i < this.#width; i++) this.#lasts.set(row * this.#width + i, this.#at[i] ?? 0);
  }

  /** The segment to be ended begins right behind that one. */
  #follows(row: number): boolean {
    step(this.#from, -1);
    let same = true;
    for (let i = 0; i < this.#width; i++)
      if (this.#lasts.at(row * this.#width + i) !== this.#from[i]) same = false;
    step(this.#from, 1);
    return same;
  }
}

/** One address up or down. */
function step(words: Uint32Array, by: 1 | -1): void {
  for (let i = words.length - 1; i >= 0; i--) {
    const word = (words[i] ?? 0) + by;
    words[i] = word;
    if (word >= 0 && word <= 0xffff_ffff) return;
  }
}
