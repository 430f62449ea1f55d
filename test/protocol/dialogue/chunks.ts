/** Octets and ways to cut them, for properties about chunking. */
import * as fc from "fast-check";

/** Where to cut; positions beyond the end do nothing. */
export const cuts = fc.array(fc.nat(300), { maxLength: 10 });

export function cut(octets: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const ends = [...positions].filter((position) => position < octets.length);
  const edges = [0, ...ends.toSorted((a, b) => a - b), octets.length];
  return edges.slice(1).map((edge, i) => octets.slice(edges[i], edge));
}

/** Octets in which everything that matters to framing is frequent. */
export const framing = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("\r\n", ".", "\r\n.", "x", "xyz") },
      { weight: 1, arbitrary: fc.constantFrom("\r", "\n", "\0", "\r\n.\r\n", "\x80\xff") },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(Buffer.from(parts.join(""), "latin1")));

/** Text of CRLF lines only, the last one complete; many lines begin with dots. */
export const crlfText = fc
  .array(fc.array(fc.constantFrom(".", "..", "x", " ", "\x80"), { maxLength: 4 }), {
    maxLength: 20,
  })
  .map((lines) =>
    Uint8Array.from(Buffer.from(lines.map((line) => `${line.join("")}\r\n`).join(""), "latin1")),
  );
