/**
 * Names that are not listed but above ones that are: they exist (RFC 8020), or a resolver that asks label by label (RFC 9156) would take
 * them for the end. Kept as hashes, sorted: one that is there by chance makes "no such data" of "no such name", and either is "not listed".
 */
import { hashOfOctets, type Dataset, type NameTable } from "../../../policy/lists/files/index.ts";

const DOT = 0x2e;

/** Of all names and wildcards of a dataset. Addresses need none: what begins one is found among the addresses. */
export function nonTerminalsOf({ exact, wild }: Pick<Dataset, "exact" | "wild">): Uint32Array {
  const most = dotsIn(exact.octets) + dotsIn(wild.octets) + wild.answers.length;
  const hashes = new Uint32Array(most);
  let count = 0;
  const add = (hash: number): void => {
    hashes[count++] = hash;
  };
  eachAbove(exact, add);
  eachAbove(wild, add);
  eachSelf(wild, add);
  return distinct(hashes.toSorted());
}

/** In any of several rows. */
export function haveHash(rows: readonly Uint32Array[], hash: number): boolean {
  for (let i = 0; i < rows.length; i++) if (hasHash(rows[i] ?? NONE, hash)) return true;
  return false;
}

const NONE = new Uint32Array(0);

function hasHash(hashes: Uint32Array, hash: number): boolean {
  let [low, high] = [0, hashes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = hashes[middle] ?? 0;
    if (other === hash) return true;
    if (other > hash) high = middle;
    else low = middle + 1;
  }
  return false;
}

function eachAbove({ octets, offsets }: NameTable, add: (hash: number) => void): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const end = offsets[row + 1] ?? 0;
    for (let at = offsets[row] ?? end; at < end; at++)
      if (octets[at] === DOT) add(hashOfOctets(octets, at + 1, end));
  }
}

/** The name below which a wildcard is. */
function eachSelf({ octets, offsets }: NameTable, add: (hash: number) => void): void {
  for (let row = 0; row + 1 < offsets.length; row++)
    add(hashOfOctets(octets, offsets[row] ?? 0, offsets[row + 1] ?? 0));
}

function dotsIn(octets: Uint8Array): number {
  let dots = 0;
  for (let at = 0; at < octets.length; at++) if (octets[at] === DOT) dots++;
  return dots;
}

/** Of numbers in order, each once; they are moved together where they stand. */
function distinct(sorted: Uint32Array): Uint32Array {
  let count = 0;
  for (let i = 0; i < sorted.length; i++)
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i] ?? 0;
  return sorted.slice(0, count);
}
