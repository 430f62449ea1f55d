/**
 * The names of a zone's entries, or those of its wildcards, each with what it says: a table in its order, into which changes are merged
 * as into the rows of blocks.
 */
import { GrowingOctets, GrowingWords, hashOf, orderOf, type NameTable } from "../../policy/lists/files/index.ts"; // prettier-ignore
import { NOTHING } from "./no-entry.ts";

const NO_NAMES: NameTable = {
  hashes: new Uint32Array(0),
  offsets: new Uint32Array(1),
  octets: new Uint8Array(0),
  answers: new Uint32Array(0),
};

export class EntryNames {
  #table = NO_NAMES;
  #changed = new Gathered();

  /** After `settle`; a value is an answer, for a name has one entry. */
  get table(): NameTable {
    return this.#table;
  }

  /** What a name in ASCII says from now on; `NOTHING`: it is no entry. */
  set(name: string, value: number): void {
    this.#changed.add(name, hashOf(name), value);
  }

  /** From now on the changes are in force; of several for one name the last. */
  settle(): void {
    if (this.#changed.count === 0) return;
    const [table, changed] = [this.#table, this.#changed.table()];
    const order = inOrder(changed);
    const merged = new Gathered(table.answers.length + order.length);
    let row = 0;
    for (let i = 0; i < order.length; i++) {
      const change = order[i] ?? 0;
      const next = order[i + 1];
      if (next !== undefined && compareRows(changed, change, changed, next) === 0) continue;
      while (row < table.answers.length && compareRows(table, row, changed, change) < 0)
        merged.copy(table, row++);
      if (row < table.answers.length && compareRows(table, row, changed, change) === 0) row++;
      if (changed.answers[change] !== NOTHING) merged.copy(changed, change);
    }
    while (row < table.answers.length) merged.copy(table, row++);
    this.#table = merged.table();
    this.#changed = new Gathered();
  }
}

/** A table while it is made, in whatever order. */
class Gathered {
  readonly #hashes: GrowingWords;
  readonly #offsets: GrowingWords;
  readonly #answers: GrowingWords;
  readonly #octets = new GrowingOctets();

  constructor(rows = 0) {
    [this.#hashes, this.#offsets, this.#answers] = [rows, rows + 1, rows].map(
      (length) => new GrowingWords(length),
    ) as [GrowingWords, GrowingWords, GrowingWords]; // prettier-ignore -- one of each
    this.#offsets.push(0);
  }

  get count(): number {
    return this.#answers.length;
  }

  add(name: string, hash: number, answer: number): void {
    for (let i = 0; i < name.length; i++) this.#octets.push(name.charCodeAt(i));
    this.#end(hash, answer);
  }

  copy({ hashes, offsets, octets, answers }: NameTable, row: number): void {
    const end = offsets[row + 1] ?? 0;
    for (let at = offsets[row] ?? end; at < end; at++) this.#octets.push(octets[at] ?? 0);
    this.#end(hashes[row] ?? 0, answers[row] ?? 0);
  }

  table(): NameTable {
    return {
      hashes: this.#hashes.exact(),
      offsets: this.#offsets.exact(),
      octets: this.#octets.exact(),
      answers: this.#answers.exact(),
    };
  }

  #end(hash: number, answer: number): void {
    this.#hashes.push(hash);
    this.#offsets.push(this.#octets.length);
    this.#answers.push(answer);
  }
}

/** By hash, then by the name; of one name as they came. */
function inOrder(table: NameTable): Uint32Array {
  const { hashes } = table;
  const order = orderOf(hashes, 1);
  for (let from = 0; from < order.length;) {
    const hash = hashes[order[from] ?? 0];
    let to = from + 1;
    while (to < order.length && hashes[order[to] ?? 0] === hash) to++;
    if (to - from > 1) order.subarray(from, to).sort((a, b) => compareRows(table, a, table, b));
    from = to;
  }
  return order;
}

/** In the order of tables (see name-order.ts of policy/lists/files). */
function compareRows(a: NameTable, aRow: number, b: NameTable, bRow: number): number {
  const byHash = (a.hashes[aRow] ?? 0) - (b.hashes[bRow] ?? 0);
  if (byHash !== 0) return byHash;
  const [aFrom, bFrom] = [a.offsets[aRow] ?? 0, b.offsets[bRow] ?? 0];
  const [aLength, bLength] = [
    (a.offsets[aRow + 1] ?? 0) - aFrom,
    (b.offsets[bRow + 1] ?? 0) - bFrom,
  ];
  for (let i = 0; i < aLength && i < bLength; i++) {
    const difference = (a.octets[aFrom + i] ?? 0) - (b.octets[bFrom + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
