/** By what whoever asks a list sees that it lives (RFC 5782 §5): entries that every list has, and ones that none has. */
import type { Segments } from "../../../policy/lists/files/index.ts";
import type { Subject } from "./subject.ts";

/** 127.0.0.2: the address, and what is said of it. */
export const TEST_CODE = 0x7f00_0002;

const LISTED = TEST_CODE;
const CLEAR = 0x7f00_0001;

/** ::ffff:0:0/96, its third word. */
const MAPPED = 0xffff;

const TEST = new TextEncoder().encode("test");
const INVALID = new TextEncoder().encode("invalid");

/** Undefined: the subject is none. */
export function testPointOf(
  kind: "addresses" | "names",
  { address, octets, length }: Subject,
): "listed" | "clear" | undefined {
  if (kind === "names") {
    if (spells(octets, length, TEST)) return "listed";
    return spells(octets, length, INVALID) ? "clear" : undefined;
  }
  const [a, b, c, d] = address.words;
  if (address.family === 0) return undefined;
  if (address.family === 6 && (a !== 0 || b !== 0 || c !== MAPPED)) return undefined;
  const last = address.family === 4 ? a : d;
  if (last === LISTED) return "listed";
  return last === CLEAR ? "clear" : undefined;
}

/** The ones that are listed, as entries, below which something is. */
export const TEST_SEGMENTS: { readonly v4: Segments; readonly v6: Segments } = {
  v4: single(1, [LISTED]),
  v6: single(4, [0, 0, MAPPED, LISTED]),
};

export function testText(origin: string): string {
  return `${origin}: this is the test entry that every list has`;
}

function single(width: 1 | 4, words: readonly number[]): Segments {
  const address = Uint32Array.from(words);
  return { width, firsts: address, lasts: address, answers: new Uint32Array(1) };
}

function spells(octets: Uint8Array, length: number, name: Uint8Array): boolean {
  if (length !== name.length) return false;
  for (let i = 0; i < length; i++) if (octets[i] !== name[i]) return false;
  return true;
}
