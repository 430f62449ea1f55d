/**
 * IPv4 addresses as lists write them, which is shorter than anybody else does: `1.2.3` is 1.2.3.0 to 1.2.3.255, `127/8` a
 * block, `1.2.3.4-9` and `1.2-1.4` ranges. As rbldnsd reads them (rbldnsd(8), "ip4set Dataset").
 */
import { number, skip, type Cursor } from "./cursor.ts";

/** Addresses as numbers, the last one included. */
export interface Range4 {
  readonly first: number;
  readonly last: number;
}

/** Octets from the left, and how many bits they are. */
export interface Prefix4 {
  readonly address: number;
  readonly bits: number;
}

const ADDRESSES = 2 ** 32;

export function sizeOf({ first, last }: Range4): number {
  return last - first + 1;
}

/** One to four octets with dots between them. Undefined: none. */
export function readPrefix4(cursor: Cursor): Prefix4 | undefined {
  let address = 0;
  for (let octets = 1; ; octets++) {
    const octet = number(cursor, 255);
    if (octet === undefined) return undefined;
    address += octet * 256 ** (4 - octets);
    if (octets === 4 || !skip(cursor, ".")) return { address, bits: octets * 8 };
  }
}

/** An address, a prefix of at least two octets, or a block; the reason where it is none. */
export function readBlock4(cursor: Cursor): (Range4 & Prefix4) | string {
  const prefix = readPrefix4(cursor);
  if (prefix === undefined) return NO_ADDRESS;
  return skip(cursor, "/") ? withBits(prefix.address, cursor) : whole(prefix);
}

/** A block, or a range. In a range a single octet stands for the last one of its beginning: 1.2.3.4-9. */
export function readRange4(cursor: Cursor): Range4 | string {
  const begin = readPrefix4(cursor);
  if (begin === undefined) return NO_ADDRESS;
  if (skip(cursor, "/")) return withBits(begin.address, cursor);
  if (!skip(cursor, "-")) return whole(begin);
  const end = readPrefix4(cursor);
  if (end === undefined) return NO_ADDRESS;
  const unit = unitOf(begin.bits);
  if (end.bits === 8) {
    const octet = end.address / unitOf(8);
    const before = begin.address - (begin.address % (unit * 256));
    return upwards(begin.address, before + octet * unit + unit - 1);
  }
  if (end.bits !== begin.bits)
    return "expected as many octets in the end of the range as in its beginning";
  return upwards(begin.address, end.address + unit - 1);
}

export function text4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The blocks that a range is made of, the fewest there can be. */
export function blocksOf({ first, last }: Range4): (Range4 & Prefix4)[] {
  const blocks: (Range4 & Prefix4)[] = [];
  for (let from = first; from <= last;) {
    let bits = 32;
    while (bits > 0 && from % unitOf(bits - 1) === 0 && from + unitOf(bits - 1) - 1 <= last) bits--;
    const to = from + unitOf(bits) - 1;
    blocks.push({ first: from, last: to, address: from, bits });
    from = to + 1;
  }
  return blocks;
}

const NO_ADDRESS = "expected an address, such as 192.0.2.1 or 192.0.2.0/24";

/** Addresses of a block of so many bits. */
function unitOf(bits: number): number {
  return ADDRESSES / 2 ** bits;
}

function upwards(first: number, last: number): Range4 | string {
  return first <= last ? { first, last } : "the range ends before it begins";
}

function whole({ address, bits }: Prefix4): (Range4 & Prefix4) | string {
  if (bits === 8) return "a single number could be anything; expected, for a block, 10/8";
  return { first: address, last: address + unitOf(bits) - 1, address, bits };
}

function withBits(address: number, cursor: Cursor): (Range4 & Prefix4) | string {
  const bits = number(cursor, 32);
  if (bits === undefined) return "expected 0 to 32 bits behind the slash";
  const unit = unitOf(bits);
  if (address % unit !== 0) {
    const base = address - (address % unit);
    return `there is more in the address than its ${bits} bits; expected ${text4(base)}/${bits}`;
  }
  return { first: address, last: address + unit - 1, address, bits };
}
