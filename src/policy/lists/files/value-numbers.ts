/** The values of a dataset, each code with each text once, by numbers from 0 on; and what becomes of them for good (see snapshot.ts). */
import type { AnswerSets } from "./answer-sets.ts";
import { GrowingOctets } from "./growing-octets.ts";
import { GrowingWords } from "./growing-words.ts";
import type { Values } from "./snapshot.ts";

/** What an entry says: a value's number, or that it excludes. */
export type ValueNumber = number;

export class ValueNumbers {
  readonly #codes = new GrowingWords();
  readonly #texts = new GrowingWords();
  /** Of each code with each text. */
  readonly #numbers = new Map<number, Map<number, ValueNumber>>();
  readonly #textNumbers = new Map<string, number>();

  get length(): number {
    return this.#codes.length;
  }

  /** Code 0: the value is a text only. */
  numberOf(code: number, text: string | undefined): ValueNumber {
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

  finish(sets: AnswerSets): Values {
    return {
      codes: this.#codes.exact(),
      texts: this.#texts.exact(),
      ...packed(this.#textNumbers.keys()),
      ...sets.finish(),
    };
  }

  #textNumber(text: string): number {
    const known = this.#textNumbers.get(text);
    if (known !== undefined) return known;
    const number = this.#textNumbers.size + 1;
    this.#textNumbers.set(text, number);
    return number;
  }
}

function packed(texts: Iterable<string>): Pick<Values, "textOffsets" | "textOctets"> {
  const [offsets, octets] = [new GrowingWords(), new GrowingOctets()];
  offsets.push(0);
  for (const text of texts) {
    octets.pushText(text);
    offsets.push(octets.length);
  }
  return { textOffsets: offsets.exact(), textOctets: octets.exact() };
}
