/** Searches in the rows of a snapshot: one binary search each, without anything made on the way. */
import { hashOfOctets } from "./name-order.ts";
import type { Dataset, NameTable, Segments } from "./snapshot.ts";

/** The last segment that begins at the address or before it; -1: none. */
export function segmentUpTo({ width, firsts, answers }: Segments, address: Uint32Array): number {
  if (width === 1) return wordUpTo(firsts, address[0] ?? 0);
  let [low, high] = [0, answers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(firsts, middle, width, address) > 0) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

/** The same of single words, which are most of what is ever asked. */
function wordUpTo(words: Uint32Array, word: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? 0) > word) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

/** The segment that holds the address; -1: none. */
export function segmentOf(segments: Segments, address: Uint32Array): number {
  const row = segmentUpTo(segments, address);
  return row >= 0 && compareAt(segments.lasts, row, segments.width, address) >= 0 ? row : -1;
}

/** Below 0: the row's address stands before the other one. */
export function compareAt(
  rows: Uint32Array,
  row: number,
  width: number,
  address: Uint32Array,
): number {
  for (let i = 0; i < width; i++) {
    const difference = (rows[row * width + i] ?? 0) - (address[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What was found about a name. */
export interface NameHit {
  answer: number;
  /** Where the entry's own name begins: behind the labels that its wildcard stands for. */
  from: number;
  wild: boolean;
}

const DOT = 0x2e;

/**
 * What a dataset says of the name that stands in `octets` from `from` to `to`, in lower case: of the name itself before any wildcard, and of the
 * longest wildcard before others. False: nothing; then the hit is as it was.
 */
export function findName(
  { exact, wild }: Pick<Dataset, "exact" | "wild">,
  octets: Uint8Array,
  from: number,
  to: number,
  hit: NameHit,
): boolean {
  const row = nameRow(exact, octets, from, to);
  if (row >= 0) return found(hit, exact, row, from, false);
  if (wild.answers.length === 0) return false;
  for (let at = from; at < to; at++) {
    if (octets[at] !== DOT) continue;
    const above = nameRow(wild, octets, at + 1, to);
    if (above >= 0) return found(hit, wild, above, at + 1, true);
  }
  return false;
}

function found(hit: NameHit, table: NameTable, row: number, from: number, wild: boolean): true {
  hit.answer = table.answers[row] ?? 0;
  hit.from = from;
  hit.wild = wild;
  return true;
}

/** The name's row; -1 where it is not in the table. */
export function nameRow(table: NameTable, octets: Uint8Array, from: number, to: number): number {
  if (table.answers.length === 0) return -1;
  const hash = hashOfOctets(octets, from, to);
  let [low, high] = [0, table.answers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order =
      (table.hashes[middle] ?? 0) - hash || compareName(table, middle, octets, from, to);
    if (order === 0) return middle;
    if (order > 0) high = middle;
    else low = middle + 1;
  }
  return -1;
}

function compareName(
  table: NameTable,
  row: number,
  octets: Uint8Array,
  from: number,
  to: number,
): number {
  const start = table.offsets[row] ?? 0;
  const length = (table.offsets[row + 1] ?? 0) - start;
  for (let i = 0; i < length && from + i < to; i++) {
    const difference = (table.octets[start + i] ?? 0) - (octets[from + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - (to - from);
}
