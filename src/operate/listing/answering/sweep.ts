/**
 * The addresses that any of several tables knows, upwards, in stretches within which none of them changes what it says. In whole numbers of
 * any size: a transfer is rare.
 */
import type { Segments } from "../../../policy/lists/files/index.ts";

export interface Stretch {
  readonly first: bigint;
  /** It belongs to it. */
  readonly last: bigint;
}

export function* stretchesOf(tables: readonly Segments[]): Generator<Stretch> {
  let cursors = tables.map((table) => new Cursor(table)).filter(({ done }) => !done);
  let at = 0n;
  while (cursors.length > 0) {
    const here = at;
    const next = cursors.map((cursor) => cursor.boundary(here)).reduce((a, b) => (a < b ? a : b));
    if (cursors.some(({ first }) => first <= here)) yield { first: here, last: next - 1n };
    for (const cursor of cursors) if (cursor.last < next) cursor.advance();
    cursors = cursors.filter(({ done }) => !done);
    at = next;
  }
}

/** One table's segment that ends at the present address or behind it. */
class Cursor {
  first = 0n;
  last = 0n;
  done = false;
  readonly #table: Segments;
  #row = -1;

  constructor(table: Segments) {
    this.#table = table;
    this.advance();
  }

  /** Where its answer becomes another one. */
  boundary(at: bigint): bigint {
    return at < this.first ? this.first : this.last + 1n;
  }

  advance(): void {
    const { firsts, lasts, answers, width } = this.#table;
    this.#row++;
    this.done = this.#row >= answers.length;
    if (this.done) return;
    this.first = numberAt(firsts, this.#row * width, width);
    this.last = numberAt(lasts, this.#row * width, width);
  }
}

function numberAt(words: Uint32Array, at: number, width: number): bigint {
  if (width === 1) return BigInt(words[at] ?? 0);
  let number = 0n;
  for (let i = 0; i < width; i++) number = (number << 32n) | BigInt(words[at + i] ?? 0);
  return number;
}
