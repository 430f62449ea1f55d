/**
 * The labels in front of a zone as an address: four octets or 32 nibbles, the last one first (RFC 5782 §2); or as the beginning of one, below
 * which there are addresses. `1` begins one of either family.
 */
import { text4 } from "../../../policy/lists/files/index.ts";
import { parseIp } from "../../../mail/index.ts";
import type { Question } from "./question.ts";

export const OCTETS = 4;
export const NIBBLES = 32;

export class AddressName {
  /** 4 or 6: the labels are such an address. 0: they are none. */
  family: 0 | 4 | 6 = 0;
  /** The address: one word, or four. */
  readonly words = new Uint32Array(4);
  /** Bits of the block that is meant; undefined: the address alone. */
  bits: number | undefined;
  /** The first and the last address below the labels; good where `begins` says so. */
  readonly first = new Uint32Array(4);
  readonly last = new Uint32Array(4);

  /** Of so many labels in front. */
  read(question: Question, count: number): void {
    this.family = 0;
    this.bits = undefined;
    if (count === OCTETS && this.#octets(question, count)) this.family = 4;
    else if (count === NIBBLES && this.#nibbles(question, count)) this.family = 6;
    if (this.family !== 0) this.words.set(this.first);
  }

  /** Whether the labels, fewer than an address has, begin one of that family. */
  begins(question: Question, count: number, family: 4 | 6): boolean {
    if (count === 0) return false;
    return family === 4
      ? count < OCTETS && this.#octets(question, count)
      : count < NIBBLES && this.#nibbles(question, count);
  }

  /** Not of labels: an address, or a block of so many bits. */
  set(family: 4 | 6, words: ArrayLike<number>, bits: number | undefined): void {
    this.family = family;
    this.bits = bits;
    this.words.set(words);
  }

  /** In canonical form. */
  text(): string {
    return this.bits === undefined ? this.#addressText() : `${this.#addressText()}/${this.bits}`;
  }

  #addressText(): string {
    const [a = 0, b = 0, c = 0, d = 0] = this.words;
    if (this.family === 4) return text4(a);
    const groups = [a, b, c, d].flatMap((word) => [word >>> 16, word & 0xffff]);
    const whole = groups.map((group) => group.toString(16)).join(":");
    return parseIp(whole) ?? whole;
  }

  #octets(question: Question, count: number): boolean {
    let address = 0;
    for (let label = count - 1; label >= 0; label--) {
      const octet = octetIn(question.name, question.start(label), question.stop(label));
      if (octet < 0) return false;
      address = address * 256 + octet;
    }
    const free = 256 ** (OCTETS - count);
    this.first[0] = address * free;
    this.last[0] = address * free + free - 1;
    return true;
  }

  #nibbles(question: Question, count: number): boolean {
    this.first.fill(0);
    this.last.fill(0xffff_ffff);
    for (let label = count - 1, i = 0; label >= 0; label--, i++) {
      const at = question.start(label);
      const nibble = question.stop(label) === at + 1 ? nibbleOf(question.name[at] ?? 0) : -1;
      if (nibble < 0) return false;
      const [word, shift] = [i >> 3, 28 - (i & 7) * 4];
      this.first[word] = (this.first[word] ?? 0) | (nibble << shift);
      this.last[word] = (this.last[word] ?? 0) & ~((15 ^ nibble) << shift);
    }
    return true;
  }
}

/** Decimal, without zeros in front; -1: none. */
export function octetIn(text: Uint8Array, from: number, to: number): number {
  if (to - from < 1 || to - from > 3) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (text[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  if (to - from > 1 && text[from] === 0x30) return -1;
  return value <= 255 ? value : -1;
}

/** Of a digit in lower case; -1: none. */
function nibbleOf(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  return octet >= 0x61 && octet <= 0x66 ? octet - 0x57 : -1;
}
