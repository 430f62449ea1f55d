/**
 * Names that are not listed but above ones that are: they exist (RFC 8020), or a resolver that asks label by label (RFC 9156) would take
 * them for the end. Kept as hashes, sorted: one that is there by chance makes "no such data" of "no such name", and either is "not listed".
 */
import { hashOfOctets, type Dataset, type NameTable } from "../../../policy/lists/files/index.ts";

const DOT = 0x2e;

/** Of all names and wildcards of a zone's sources. Addresses need none: what begins one is found among the addresses. */
export function nonTerminalsOf(sources: readonly (readonly Dataset[])[]): Uint32Array {
  const datasets = sources.flat();
  const most = datasets.reduce((sum, { exact, wild }) => sum + dotsIn(exact.octets) + dotsIn(wild.octets) + wild.answers.length, 0); // prettier-ignore
  const hashes = new Uint32Array(most);
  let count = 0;
  const add = (hash: number): void => {
    hashes[count++] = hash;
  };
  for (const { exact, wild } of datasets) {
    eachAbove(exact, add);
    eachAbove(wild, add);
    eachSelf(wild, add);
  }
  return distinct(hashes.toSorted());
}

export function hasHash(hashes: Uint32Array, hash: number): boolean {
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
  return octets.reduce((dots, octet) => dots + (octet === DOT ? 1 : 0), 0);
}

/** Of numbers in order, each once. */
function distinct(sorted: Uint32Array): Uint32Array {
  return sorted.filter((number, i) => i === 0 || number !== sorted[i - 1]);
}
