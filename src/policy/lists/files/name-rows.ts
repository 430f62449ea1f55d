/** Entries about names, as they come, and in the end the table of them (see snapshot.ts). */
import { VALUES_LIMIT, type AnswerSets } from "./answer-sets.ts";
import { GrowingWords } from "./growing-words.ts";
import { compareNames, hashOf } from "./name-order.ts";
import { orderOf } from "./order.ts";
import type { NameTable } from "./snapshot.ts";

export class NameRows {
  readonly #names: string[] = [];
  readonly #values = new GrowingWords();

  /** A name in ASCII. */
  add(name: string, value: number): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  table(sets: AnswerSets, leftOut: () => void): NameTable {
    const names = this.#names;
    const values = this.#values.view();
    const order = this.#order();
    const [hashes, offsets, answers] = [new GrowingWords(), new GrowingWords(), new GrowingWords()];
    const octets = new Uint8Array(names.reduce((sum, { length }) => sum + length, 0));
    let used = 0;
    for (let at = 0; at < order.length;) {
      const name = names[order[at] ?? 0] ?? "";
      const own = new Set<number>();
      for (let row = order[at]; row !== undefined && names[row] === name; row = order[++at])
        if (own.size < VALUES_LIMIT) own.add(values[row] ?? 0);
        else if (!own.has(values[row] ?? 0)) leftOut();
      hashes.push(hashOf(name));
      offsets.push(used);
      for (let i = 0; i < name.length; i++) octets[used++] = name.charCodeAt(i);
      answers.push(sets.answerOf(own));
    }
    offsets.push(used);
    return {
      hashes: hashes.exact(),
      offsets: offsets.exact(),
      octets: octets.slice(0, used),
      answers: answers.exact(),
    };
  }

  /** Rows by hash, those of one hash by their names, those of one name as they came. */
  #order(): Uint32Array {
    const names = this.#names;
    const hashes = Uint32Array.from(names, hashOf);
    const order = orderOf(hashes, 1);
    const byName = (a: number, b: number): number => compareNames(names[a] ?? "", names[b] ?? "");
    for (let from = 0; from < order.length;) {
      const hash = hashes[order[from] ?? 0];
      let to = from + 1;
      while (to < order.length && hashes[order[to] ?? 0] === hash) to++;
      if (to - from > 1) order.subarray(from, to).sort(byName);
      from = to;
    }
    return order;
  }
}
