/** Gathers what a dataset lists, and makes what it says for good of it (see snapshot.ts). */
import type { Range4 } from "./address4.ts";
import type { Block6 } from "./address6.ts";
import type { Ties } from "./active-values.ts";
import { AnswerSets } from "./answer-sets.ts";
import { GrowingWords } from "./growing-words.ts";
import { NameRows } from "./name-rows.ts";
import { Ranges } from "./ranges.ts";
import { EXCLUDED, type Dataset, type Substitutions } from "./snapshot.ts";

/** What an entry says: a value's number, or that it excludes. */
export type ValueNumber = number;

export class DatasetBuilder {
  readonly #v4 = new Ranges(1);
  readonly #v6 = new Ranges(4);
  readonly #exact = new NameRows();
  readonly #wild = new NameRows();
  readonly #codes = new GrowingWords();
  readonly #texts = new GrowingWords();
  /** Of each code with each text. */
  readonly #numbers = new Map<number, Map<number, ValueNumber>>();
  readonly #textNumbers = new Map<string, number>();

  /** Code 0: the value is a text only. */
  value(code: number, text: string | undefined): ValueNumber {
    const textNumber = text === undefined || text === "" ? 0 : this.#textNumber(text);
    const withText = this.#numbers.get(code) ?? new Map<number, ValueNumber>();
    const known = withText.get(textNumber);
    if (known !== undefined) return known;
    this.#codes.push(code);
    this.#texts.push(textNumber);
    const value = this.#codes.length - 1;
    this.#numbers.set(code, withText.set(textNumber, value));
    return value;
  }

  range4({ first, last }: Range4, rank: number, value: ValueNumber): void {
    this.#v4.add([first], [last], rank, value);
  }

  block6({ first, last, bits }: Block6, value: ValueNumber): void {
    this.#v6.add(first, last, bits, value);
  }

  exact(name: string, value: ValueNumber): void {
    this.#exact.add(name, value);
  }

  /** All names below this one. */
  wild(name: string, value: ValueNumber): void {
    this.#wild.add(name, value);
  }

  /** `leftOut`: an entry that came where there were too many values already. */
  finish(how: {
    ties: Ties;
    subzones: readonly string[];
    substitutions: Substitutions | undefined;
    leftOut: () => void;
  }): Dataset {
    const { ties, subzones, substitutions, leftOut } = how;
    const sets = new AnswerSets(this.#codes.length);
    const addresses = [this.#v4, this.#v6].map((ranges) => ranges.segments(ties, sets, leftOut));
    const names = [this.#exact, this.#wild].map((rows) => rows.table(sets, leftOut));
    const [v4, v6] = addresses as [Dataset["v4"], Dataset["v6"]]; // one of each above
    const [exact, wild] = names as [Dataset["exact"], Dataset["wild"]];
    const values = {
      codes: this.#codes.exact(),
      texts: this.#texts.exact(),
      ...packed(this.#textNumbers.keys()),
      ...sets.finish(),
    };
    return { subzones, v4, v6, exact, wild, values, substitutions };
  }

  #textNumber(text: string): number {
    const known = this.#textNumbers.get(text);
    if (known !== undefined) return known;
    const number = this.#textNumbers.size + 1;
    this.#textNumbers.set(text, number);
    return number;
  }
}

export { EXCLUDED };

function packed(texts: Iterable<string>): { textOffsets: Uint32Array; textOctets: Uint8Array } {
  const encoder = new TextEncoder();
  const offsets = new GrowingWords();
  let octets = new Uint8Array(1024);
  let used = 0;
  offsets.push(0);
  for (const text of texts) {
    // UTF-8 has at most three octets for each unit of UTF-16.
    while (used + text.length * 3 > octets.length) {
      const larger = new Uint8Array(octets.length * 2);
      larger.set(octets);
      octets = larger;
    }
    used += encoder.encodeInto(text, octets.subarray(used)).written;
    offsets.push(used);
  }
  return { textOffsets: offsets.exact(), textOctets: octets.slice(0, used) };
}
