/** Which values an answer has: mostly one, whose number it is; otherwise a set of them, each set kept once (see snapshot.ts). */
import { GrowingWords } from "./growing-words.ts";
import { EXCLUDED } from "./snapshot.ts";

/** Values of one answer at most; a name server could not send more either. */
export const VALUES_LIMIT = 32;

export class AnswerSets {
  readonly #values: number;
  readonly #known = new Map<string, number>();
  readonly #starts = new GrowingWords();
  readonly #members = new GrowingWords();

  /** Of so many values. */
  constructor(values: number) {
    this.#values = values;
    this.#starts.push(0);
  }

  /** One exclusion excludes. */
  answerOf(values: ReadonlySet<number>): number {
    if (values.has(EXCLUDED)) return EXCLUDED;
    const [only] = values;
    if (only !== undefined && values.size === 1) return only;
    const members = [...values].toSorted((a, b) => a - b);
    const key = members.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    for (const member of members) this.#members.push(member);
    const answer = this.#values + this.#starts.length - 1;
    this.#starts.push(this.#members.length);
    this.#known.set(key, answer);
    return answer;
  }

  finish(): { sets: Uint32Array<ArrayBuffer>; members: Uint32Array<ArrayBuffer> } {
    return { sets: this.#starts.exact(), members: this.#members.exact() };
  }
}
