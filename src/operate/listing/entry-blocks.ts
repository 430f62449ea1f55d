/**
 * The blocks of addresses of a zone's entries, of one family, each with what it says: rows of numbers in their order. Changes are gathered and then merged
 * in one walk, so that one entry more does not sort a million others.
 */
import { compareRows, GrowingWords, orderOf, segmentsOf, type AnswerSets, type Segments } from "../../policy/lists/files/index.ts"; // prettier-ignore
import { NOTHING } from "./no-entry.ts";

export class EntryBlocks {
  readonly #width: 1 | 4;
  /** Of each block its first address and, as one more word, its bits. */
  #keys = new Uint32Array(0);
  #values = new Uint32Array(0);
  readonly #changedKeys = new GrowingWords();
  readonly #changedValues = new GrowingWords();

  constructor(width: 1 | 4) {
    this.#width = width;
  }

  /** After `settle`. */
  get count(): number {
    return this.#values.length;
  }

  /** What a block says from now on; `NOTHING`: it is no entry. */
  set(first: readonly number[], bits: number, value: number): void {
    for (let i = 0; i < this.#width; i++) this.#changedKeys.push(first[i] ?? 0);
    this.#changedKeys.push(bits);
    this.#changedValues.push(value);
  }

  /** From now on the changes are in force; of several for one block the last. */
  settle(): void {
    if (this.#changedValues.length === 0) return;
    const stride = this.#width + 1;
    const changed = this.#changedKeys.view();
    const changedValues = this.#changedValues.view();
    const order = orderOf(changed, stride);
    const [keys, values] = [this.#keys, this.#values];
    const most = values.length + changedValues.length;
    const [newKeys, newValues] = [new Uint32Array(most * stride), new Uint32Array(most)];
    let count = 0;
    const take = (from: Uint32Array, row: number, value: number): void => {
      for (let i = 0; i < stride; i++) newKeys[count * stride + i] = from[row * stride + i] ?? 0;
      newValues[count++] = value;
    };
    let row = 0;
    for (let i = 0; i < order.length; i++) {
      const change = order[i] ?? 0;
      const next = order[i + 1];
      if (next !== undefined && compareRows(changed, change, changed, next, stride) === 0) continue;
      while (row < values.length && compareRows(keys, row, changed, change, stride) < 0)
        take(keys, row, values[row++] ?? 0);
      if (row < values.length && compareRows(keys, row, changed, change, stride) === 0) row++;
      const value = changedValues[change] ?? NOTHING;
      if (value !== NOTHING) take(changed, change, value);
    }
    while (row < values.length) take(keys, row, values[row++] ?? 0);
    this.#keys = newKeys.slice(0, count * stride);
    this.#values = newValues.slice(0, count);
    this.#changedKeys.clear();
    this.#changedValues.clear();
  }

  /** Of blocks within each other the smallest counts. */
  segments(sets: AnswerSets): Segments {
    const [width, values] = [this.#width, this.#values];
    const rows = {
      width,
      values,
      firsts: new Uint32Array(values.length * width),
      lasts: new Uint32Array(values.length * width),
      ranks: new Uint32Array(values.length),
    };
    for (let row = 0; row < values.length; row++) {
      const at = row * (width + 1);
      const bits = this.#keys[at + width] ?? 0;
      rows.ranks[row] = bits;
      for (let i = 0; i < width; i++) {
        const word = this.#keys[at + i] ?? 0;
        rows.firsts[row * width + i] = word;
        rows.lasts[row * width + i] = word + freeIn(bits - i * 32);
      }
    }
    return segmentsOf(rows, "first", sets, () => {}); // a block has one entry
  }
}

/** The highest number in a word's bits behind a prefix of so many. */
function freeIn(bits: number): number {
  return 2 ** Math.min(32, Math.max(0, 32 - bits)) - 1;
}
