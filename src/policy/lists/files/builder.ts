/** Gathers what a dataset lists, and makes what it says for good of it (see snapshot.ts). */
import type { Range4 } from "./address4.ts";
import type { Block6 } from "./address6.ts";
import type { Ties } from "./active-values.ts";
import { AnswerSets } from "./answer-sets.ts";
import { NameRows } from "./name-rows.ts";
import { Ranges } from "./ranges.ts";
import { EXCLUDED, type Dataset, type Substitutions } from "./snapshot.ts";
import { ValueNumbers, type ValueNumber } from "./value-numbers.ts";

export class DatasetBuilder {
  readonly #v4 = new Ranges(1);
  readonly #v6 = new Ranges(4);
  readonly #exact = new NameRows();
  readonly #wild = new NameRows();
  readonly #values = new ValueNumbers();

  /** Code 0: the value is a text only. */
  value(code: number, text: string | undefined): ValueNumber {
    return this.#values.numberOf(code, text);
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
    const sets = new AnswerSets(this.#values.length);
    const addresses = [this.#v4, this.#v6].map((ranges) => ranges.segments(ties, sets, leftOut));
    const names = [this.#exact, this.#wild].map((rows) => rows.table(sets, leftOut));
    const [v4, v6] = addresses as [Dataset["v4"], Dataset["v6"]]; // one of each above
    const [exact, wild] = names as [Dataset["exact"], Dataset["wild"]];
    const values = this.#values.finish(sets);
    return { subzones, v4, v6, exact, wild, values, substitutions };
  }
}

export { EXCLUDED };
