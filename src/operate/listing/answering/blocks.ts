/**
 * Addresses as names of an ordinary zone has them: single ones, and whole blocks of octets or nibbles as wildcards, `*.2.0.192`. Never
 * wider than what is served; and no wildcard of IPv4 whose octets could be nibbles, for `*.0.0.2` is over all of 2000::/12, too.
 */
import type { AddressName } from "./address-name.ts";
import type { Stretch } from "./sweep.ts";
import { WIDEST } from "./widest.ts";

export interface Block {
  readonly first: bigint;
  /** Of its prefix. */
  readonly bits: number;
}

interface Family {
  readonly number: 4 | 6;
  readonly bits: 32 | 128;
  /** Bits of a label. */
  readonly step: 8 | 4;
  readonly widest: number;
}

const FAMILIES = {
  4: { number: 4, bits: 32, step: 8, widest: WIDEST.v4 },
  6: { number: 6, bits: 128, step: 4, widest: WIDEST.v6 },
} as const satisfies Record<4 | 6, Family>;

/** Of a stretch. What of it is within a whole block wider than the widest one is left out: it is not served either. */
export function* blocksOf({ first, last }: Stretch, number: 4 | 6): Generator<Block> {
  const family = FAMILIES[number];
  const unserved = sizeOf(family, family.widest - 1);
  const [from, to] = [roundedUp(first, unserved), roundedDown(last + 1n, unserved)];
  if (from >= to) yield* within(family, first, last);
  else {
    yield* within(family, first, from - 1n);
    yield* within(family, to, last);
  }
}

/** Of a stretch, all of it; no block with fewer bits in its prefix than `widest`. */
export function nameBlocksOf(
  { first, last }: Stretch,
  number: 4 | 6,
  widest: number,
): Generator<Block> {
  return within({ ...FAMILIES[number], widest }, first, last);
}

function* within(family: Family, first: bigint, last: bigint): Generator<Block> {
  for (let at = first; at <= last;) {
    const bits = widestAt(family, at, last);
    yield { first: at, bits };
    at += sizeOf(family, bits);
  }
}

function widestAt(family: Family, at: bigint, last: bigint): number {
  for (let bits = family.widest; bits < family.bits; bits += family.step) {
    const size = sizeOf(family, bits);
    if (at % size === 0n && at + size - 1n <= last && !couldBeNibbles(family, at, bits))
      return bits;
  }
  return family.bits;
}

/** All octets of the prefix are below ten. */
function couldBeNibbles(family: Family, first: bigint, bits: number): boolean {
  return family.number === 4 && labelsOf(family, first, bits).every((label) => label.length === 1);
}

/** The labels in front of the zone, the last octet or nibble first; of a block a star in front of them. */
export function blockLabels({ first, bits }: Block, number: 4 | 6): string[] {
  const family = FAMILIES[number];
  const labels = labelsOf(family, first, bits);
  return bits === family.bits ? labels : ["*", ...labels];
}

/** Puts it into an address that is used for all. */
export function readBlock({ first, bits }: Block, number: 4 | 6, address: AddressName): void {
  const whole = bits === FAMILIES[number].bits;
  const words = number === 4 ? [Number(first)] : [96n, 64n, 32n, 0n].map((shift) => Number((first >> shift) & 0xffff_ffffn)); // prettier-ignore
  address.set(number, words, whole ? undefined : bits);
}

function labelsOf({ bits: all, step }: Family, first: bigint, bits: number): string[] {
  const labels: string[] = [];
  const mask = (1n << BigInt(step)) - 1n;
  for (let shift = all - bits; shift < all; shift += step)
    labels.push(((first >> BigInt(shift)) & mask).toString(step === 8 ? 10 : 16));
  return labels;
}

function sizeOf({ bits: all }: Family, bits: number): bigint {
  return 1n << BigInt(all - bits);
}

function roundedUp(number: bigint, unit: bigint): bigint {
  return roundedDown(number + unit - 1n, unit);
}

function roundedDown(number: bigint, unit: bigint): bigint {
  return number - (number % unit);
}
