/**
 * A name as it stands in a message (RFC 1035 §4.1.4): labels, or a pointer to where they stand already. A pointer leads
 * backwards, before the labels that end in it, and only so many of them follow each other: no loop, and a
 * message full of names is read in linear time.
 */
import { NAME_OCTETS_LIMIT } from "./name.ts";

/** Whoever compresses well points once; a chain of pointers is made to keep us busy. */
const POINTERS_LIMIT = 16;

/** The octets of a header, which no name stands in. */
export const HEADER_OCTETS = 12;

const POINTER = 0xc0;

export interface WireName {
  /** Views of the message; any octets. */
  readonly labels: readonly Uint8Array[];
  /** Where the message goes on behind it. */
  readonly end: number;
}

/** Undefined when no whole name stands there. */
export function readWireName(octets: Uint8Array, from: number): WireName | undefined {
  const labels: Uint8Array[] = [];
  let end: number | undefined;
  let at = from;
  let start = from;
  let length = 0;
  for (let pointers = 0; pointers <= POINTERS_LIMIT;) {
    const head = octets[at];
    if (head === undefined) return undefined;
    if ((head & POINTER) === POINTER) {
      const low = octets[at + 1];
      if (low === undefined) return undefined;
      const target = (head & ~POINTER) * 256 + low;
      if (target < HEADER_OCTETS || target >= start) return undefined;
      end ??= at + 2;
      at = start = target;
      pointers++;
      continue;
    }
    if ((head & POINTER) !== 0) return undefined; // 01 and 10 mean nothing (RFC 6891 §5)
    length += head + 1;
    const next = at + 1 + head;
    if (length > NAME_OCTETS_LIMIT || next > octets.length) return undefined;
    if (head === 0) return { labels, end: end ?? next };
    labels.push(octets.subarray(at + 1, next));
    at = next;
  }
  return undefined;
}
