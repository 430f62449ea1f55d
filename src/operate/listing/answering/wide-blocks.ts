/** What a dataset lists and a zone does not serve, because it is wider than anything may be (widest.ts): so that whoever made it can be told. */
import {
  blocksBetween,
  blocksOf,
  EXCLUDED,
  type Dataset,
  type NameTable,
  type Segments,
  type Words,
} from "../../../policy/lists/files/index.ts";
import { AddressName } from "./address-name.ts";
import { isOverWideBlock, WIDEST } from "./widest.ts";

/** Addresses of a block of IPv4 that is one bit too wide; of IPv6 the first word of one. */
const TOO_WIDE_4 = 2 ** (33 - WIDEST.v4);
const TOO_WIDE_6 = 2 ** (33 - WIDEST.v6);

/** Octets of the longest name that is a single octet. */
const OCTET_DIGITS = 3;

const HIGHEST = 0xffff_ffff;

/** "10.0.0.0/14", "2001:db8::/30", "*.10"; of a list of names no addresses, for it has none. */
export function* wideBlocksOf(
  { v4, v6, wild }: Dataset,
  kind: "addresses" | "names",
): Generator<string> {
  if (kind === "addresses") {
    yield* wide4(v4);
    yield* wide6(v6);
  }
  yield* wideNames(wild);
}

function* wide4({ firsts, lasts, answers }: Segments): Generator<string> {
  const address = new AddressName();
  for (let row = 0; row < answers.length; row++) {
    const [first = 0, last = 0] = [firsts[row], lasts[row]];
    if (answers[row] === EXCLUDED || last - first + 1 < TOO_WIDE_4) continue;
    const from = Math.ceil(first / TOO_WIDE_4) * TOO_WIDE_4;
    const to = Math.floor((last + 1) / TOO_WIDE_4) * TOO_WIDE_4;
    for (const block of blocksOf({ first: from, last: to - 1 })) {
      address.set(4, [block.address], block.bits);
      yield address.text();
    }
  }
}

function* wide6({ firsts, lasts, answers }: Segments): Generator<string> {
  const address = new AddressName();
  for (let row = 0; row < answers.length; row++) {
    if (answers[row] === EXCLUDED) continue;
    const [from, to] = [above(firsts, row * 4), below(lasts, row * 4)];
    if (from >= to) continue;
    const last: Words = [to - 1, HIGHEST, HIGHEST, HIGHEST];
    for (const block of blocksBetween([from, 0, 0, 0], last)) {
      address.set(6, block.first, block.bits);
      yield address.text();
    }
  }
}

/** The first word with which a block that is too wide begins, at this address or behind it. */
function above(words: Uint32Array, at: number): number {
  const begun = words[at + 1] !== 0 || words[at + 2] !== 0 || words[at + 3] !== 0 ? 1 : 0;
  return Math.ceil(((words[at] ?? 0) + begun) / TOO_WIDE_6) * TOO_WIDE_6;
}

/** The first word behind the last such block that ends at this address or before it. */
function below(words: Uint32Array, at: number): number {
  const rest = [words[at + 1], words[at + 2], words[at + 3]];
  const ended = rest.every((word) => word === HIGHEST) ? 1 : 0;
  return Math.floor(((words[at] ?? 0) + ended) / TOO_WIDE_6) * TOO_WIDE_6;
}

function* wideNames({ offsets, octets, answers }: NameTable): Generator<string> {
  for (let row = 0; row < answers.length; row++) {
    const [from = 0, to = 0] = [offsets[row], offsets[row + 1]];
    if (answers[row] === EXCLUDED || to - from > OCTET_DIGITS) continue;
    if (isOverWideBlock(octets, from, to))
      yield `*.${String.fromCharCode(...octets.subarray(from, to))}`;
  }
}
