/** Entries about addresses, as each format has them; few prefixes, so that they meet. */
import type { Dice } from "../dice.ts";

export interface Entry {
  readonly line: string;
  /** Whom to ask about. */
  readonly ask: readonly string[];
}

function octets(dice: Dice): [number, number, number, number] {
  return [
    dice.pick([10, 11, 192, 255, 0, 1]),
    dice.pick([0, 1, 168, 255]),
    dice.weighted([
      [3, dice.below(4)],
      [1, dice.below(256)],
    ]),
    dice.below(256),
  ];
}

function dotted(address: number): string {
  const wrapped = ((address % 2 ** 32) + 2 ** 32) % 2 ** 32;
  return [24, 16, 8, 0].map((shift) => (wrapped >>> shift) & 255).join(".");
}

function around4(first: number, last: number, dice: Dice): string[] {
  const inside = first + dice.below(last - first + 1);
  return [first - 1, first, inside, last, last + 1].map(dotted);
}

function numberOf(parts: readonly number[]): number {
  return parts.reduce((sum, part, i) => sum + part * 256 ** (3 - i), 0);
}

export function single4(dice: Dice): Entry {
  const address = numberOf(octets(dice));
  return { line: dotted(address), ask: around4(address, address, dice) };
}

function block4(dice: Dice): Entry {
  const bits = dice.weighted([
    [3, 24],
    [1, 16],
    [1, 8],
    [6, dice.below(25) + 8],
  ]);
  const size = 2 ** (32 - bits);
  const address = numberOf(octets(dice));
  const first = address - (address % size);
  const shown = dotted(first).split(".");
  const short = dice.chance(30)
    ? shown.slice(0, Math.max(1, Math.ceil(bits / 8))).join(".")
    : shown.join(".");
  return { line: `${short}/${bits}`, ask: around4(first, first + size - 1, dice) };
}

export function whole4(dice: Dice): Entry {
  const address = numberOf(octets(dice));
  const first = address - (address % 256);
  return { line: `${dotted(first)}/24`, ask: around4(first, first + 255, dice) };
}

function prefix4(dice: Dice): Entry {
  const count = dice.pick([2, 3, 3]);
  const parts = octets(dice).slice(0, count);
  const first = numberOf(parts);
  const last = first + 256 ** (4 - count) - 1;
  return { line: parts.join("."), ask: around4(first, last, dice) };
}

function range4(dice: Dice): Entry {
  const count = dice.pick([2, 3, 4, 4]);
  const from = octets(dice).slice(0, count);
  const to = [...from];
  const at = dice.chance(70) ? count - 1 : dice.below(count);
  to[at] = Math.min(255, (to[at] ?? 0) + dice.below(40));
  const short = at === count - 1 && dice.chance(50);
  const last = numberOf(to) + 256 ** (4 - count) - 1;
  return {
    line: `${from.join(".")}-${short ? to[at] : to.join(".")}`,
    ask: around4(numberOf(from), last, dice),
  };
}

export function any4(dice: Dice): Entry {
  return dice.pick([single4, single4, block4, prefix4, range4])(dice);
}

export function trie4(dice: Dice): Entry {
  return dice.pick([single4, block4, block4, prefix4])(dice);
}

function groups(dice: Dice): number[] {
  if (dice.chance(10)) return [0, 0, 0, 0, 0, 0, 0, dice.below(4)];
  return [
    0x2001,
    0xdb8,
    dice.below(3),
    dice.weighted([
      [3, dice.below(3)],
      [1, dice.below(65536)],
    ]),
    dice.pick([0, 0, 0xffff, 1]),
    0,
    dice.pick([0, 0xbeef]),
    dice.below(4),
  ];
}

function hex(parts: readonly number[]): string {
  return parts.map((part) => part.toString(16)).join(":");
}

function big(parts: readonly number[]): bigint {
  return parts.reduce((sum, part) => sum * 65536n + BigInt(part), 0n) << BigInt(16 * (8 - parts.length)); // prettier-ignore
}

function text6(address: bigint): string {
  return hex(Array.from({ length: 8 }, (_, i) => Number((address >> BigInt(112 - 16 * i)) & 0xffffn))); // prettier-ignore
}

function around6(first: bigint, bits: number, dice: Dice): string[] {
  const size = 1n << BigInt(128 - bits);
  const inside = first + (BigInt(dice.below(2 ** 31)) * size) / BigInt(2 ** 31);
  return [first - 1n, first, inside, first + size - 1n, first + size].map(text6);
}

export function block6(dice: Dice): Entry {
  const bits = dice.weighted([
    [2, 64],
    [1, 48],
    [1, 128],
    [6, dice.below(109) + 20],
  ]);
  const address = big(groups(dice));
  const first = (address >> BigInt(128 - bits)) << BigInt(128 - bits);
  const ask = around6(first, bits, dice);
  if (bits === 128 && dice.chance(70)) return { line: text6(first), ask };
  const whole = text6(first);
  const short = /^(?:0:){7}/.test(whole)
    ? whole.replace(/^(?:0:){7}/, "::")
    : whole.replace(/(?::0)+$/, "::");
  return { line: `${dice.chance(50) ? short : text6(first)}/${bits}`, ask };
}

function prefix6(dice: Dice): Entry {
  const count = dice.below(6) + 2;
  const parts = groups(dice).slice(0, count);
  return { line: hex(parts), ask: around6(big(parts), 16 * count, dice) };
}

export function trie6(dice: Dice): Entry {
  return dice.pick([block6, block6, prefix6])(dice);
}

export function set6(dice: Dice): Entry {
  const parts = groups(dice);
  if (dice.chance(80)) {
    const network = parts.slice(0, 4);
    return { line: hex(network), ask: around6(big(network), 64, dice) };
  }
  return { line: hex(parts), ask: around6(big(parts), 128, dice) };
}
