/**
 * IPv6 addresses as lists write them: as everybody does, and without the zeros at the end: `2001:db8:1` is a /48. As rbldnsd
 * reads them (rbldnsd(8), "ip6trie Dataset"). An address is four words of 32 bits, the first the highest.
 */
import { number, skip, type Cursor } from "./cursor.ts";

export type Words = readonly [number, number, number, number];

export interface Block6 {
  readonly first: Words;
  readonly last: Words;
  readonly bits: number;
}

/** An address, a prefix of at least two groups, or a block; the reason where it is none. */
export function readBlock6(cursor: Cursor): Block6 | string {
  const read = readGroups(cursor);
  if (read === undefined) return NO_ADDRESS;
  const words = wordsOf(read.groups);
  if (skip(cursor, "/")) return withBits(words, cursor);
  if (read.whole) return { first: words, last: words, bits: 128 };
  if (read.groups.length === 1)
    return "a single group could be anything; expected, for a block, 2001::/16";
  return blockOf(words, read.groups.length * 16);
}

/** Undefined when the text is not exactly one address. */
export function readAddress6(text: string): Words | undefined {
  const cursor = { text, at: 0 };
  const read = readGroups(cursor);
  if (read === undefined || !read.whole || cursor.at < text.length) return undefined;
  return wordsOf(read.groups);
}

/** The blocks that a range is made of, the fewest there can be: at most 254. */
export function blocksBetween(first: Words, last: Words): Block6[] {
  const blocks: Block6[] = [];
  const end = bigOf(last);
  for (let from = bigOf(first); from <= end;) {
    let bits = 128;
    while (bits > 0 && fits(from, bits - 1, end)) bits--;
    blocks.push(blockOf(wordsOfBig(from), bits));
    from += 1n << BigInt(128 - bits);
  }
  return blocks;
}

const NO_ADDRESS = "expected an address, such as 2001:db8::1 or 2001:db8::/32";

interface Groups {
  readonly groups: readonly number[];
  /** All 128 bits are said. */
  readonly whole: boolean;
}

/** RFC 4291 §2.2, but for the form with an IPv4 address at its end, which lists do not have. */
function readGroups(cursor: Cursor): Groups | undefined {
  const before: number[] = [];
  const { text } = cursor;
  if (!text.startsWith("::", cursor.at)) {
    for (;;) {
      const group = readGroup(cursor);
      if (group === undefined) return undefined;
      before.push(group);
      if (before.length === 8 || text[cursor.at] !== ":" || text[cursor.at + 1] === ":") break;
      cursor.at++;
    }
    if (!text.startsWith("::", cursor.at)) return { groups: before, whole: before.length === 8 };
  }
  cursor.at += 2;
  const after: number[] = [];
  while (before.length + after.length < 7 && isHex(text.charCodeAt(cursor.at))) {
    const group = readGroup(cursor);
    if (group === undefined) return undefined;
    after.push(group);
    if (text[cursor.at] !== ":" || !isHex(text.charCodeAt(cursor.at + 1))) break;
    cursor.at++;
  }
  const zeros = 8 - before.length - after.length;
  if (zeros < 1) return undefined;
  return { groups: [...before, ...Array.from({ length: zeros }, () => 0), ...after], whole: true };
}

/** Hexadecimal digits, as many as there are; at most 0xffff. */
function readGroup(cursor: Cursor): number | undefined {
  const from = cursor.at;
  while (isHex(cursor.text.charCodeAt(cursor.at))) cursor.at++;
  if (cursor.at === from) return undefined;
  const value = Number.parseInt(cursor.text.slice(from, cursor.at), 16);
  return value > 0xffff ? undefined : value;
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66); // prettier-ignore
}

function wordsOf(groups: readonly number[]): Words {
  const at = (i: number): number => (groups[i] ?? 0) * 65_536 + (groups[i + 1] ?? 0);
  return [at(0), at(2), at(4), at(6)];
}

function withBits(words: Words, cursor: Cursor): Block6 | string {
  const bits = number(cursor, 128);
  if (bits === undefined) return "expected 0 to 128 bits behind the slash";
  const block = blockOf(words, bits);
  if (block.first.some((word, i) => word !== words[i]))
    return `there is more in the address than its ${bits} bits`;
  return block;
}

/** Of any address within it. */
function blockOf(words: Words, bits: number): Block6 {
  const free = (i: number): number => 2 ** Math.min(32, Math.max(0, (i + 1) * 32 - bits));
  const low = (i: 0 | 1 | 2 | 3): number => words[i] - (words[i] % free(i));
  const high = (i: 0 | 1 | 2 | 3): number => low(i) + free(i) - 1;
  return {
    first: [low(0), low(1), low(2), low(3)],
    last: [high(0), high(1), high(2), high(3)],
    bits,
  };
}

function fits(from: bigint, bits: number, end: bigint): boolean {
  const size = 1n << BigInt(128 - bits);
  return from % size === 0n && from + size - 1n <= end;
}

function bigOf(words: Words): bigint {
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
}

function wordsOfBig(value: bigint): Words {
  const word = (shift: bigint): number => Number((value >> shift) & 0xffff_ffffn);
  return [word(96n), word(64n), word(32n), word(0n)];
}
