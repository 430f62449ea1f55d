/** Where a header section ends, however it arrives, and how often a field occurs in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { countFields, headerSectionEnd } from "../../src/mail/index.ts";

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");

const MESSAGES: readonly (readonly [string, number])[] = [
  ["A: b\r\n\r\nbody\r\n", 8],
  ["A: b\r\nC: d\r\n\r\n", 14],
  ["\r\nbody", 2],
  ["\r\n", 2],
  ["A: b\r\n\r\n\r\n\r\n", 8],
  ["", -1],
  ["A: b", -1],
  ["A: b\r\n", -1],
  ["A: b\r\n\r", -1],
  ["A: b\r\n \r\nC: d\r\n", -1], // a line of blanks is folding, not the end
  ["A\r\n.\r\n", -1],
  ["A\r.\r\n", -1],
];

/** Takes the message in pieces that end at `cuts`, resuming the scan as a reader does. */
function endInPieces(message: Uint8Array, cuts: readonly number[]): number {
  let seen = 0;
  for (const cut of [...cuts, message.length]) {
    const end = headerSectionEnd(message.subarray(0, cut), seen);
    if (end >= 0) return end;
    seen = cut;
  }
  return -1;
}

test("the section ends behind the first blank line", () => {
  for (const [text, end] of MESSAGES)
    assert.equal(headerSectionEnd(octets(text)), end, JSON.stringify(text));
});

test("it ends there at every split into two and into single octets", () => {
  for (const [text, end] of MESSAGES) {
    const message = octets(text);
    for (let cut = 0; cut <= message.length; cut++)
      assert.equal(endInPieces(message, [cut]), end, `${JSON.stringify(text)} at ${cut}`);
    assert.equal(
      endInPieces(
        message,
        Array.from(message, (_, i) => i),
      ),
      end,
      JSON.stringify(text),
    );
  }
});

test("it ends at the same place however the message is cut", () => {
  const soup = fc.array(fc.constantFrom("\r\n", "a", ": ", "\r", "\n"), { maxLength: 20 });
  fc.assert(
    fc.property(soup, fc.array(fc.nat(40)), (parts, places) => {
      const message = octets(parts.join(""));
      const cuts = places.filter((place) => place < message.length).toSorted((a, b) => a - b);
      assert.equal(endInPieces(message, cuts), headerSectionEnd(message));
    }),
  );
});

const COUNTS: readonly (readonly [string, number])[] = [
  ["Received: a\r\nReceived: b\r\n\r\n", 2],
  ["RECEIVED: a\r\nreceived: b\r\nrEcEiVeD:c\r\n\r\n", 3],
  ["Received: a\r\n\tfolded: b\r\n Received: not one\r\n\tReceived: nor this\r\n\r\n", 1],
  ["Received : obsolete\r\nReceived\t: too\r\n\r\n", 2],
  ["Received-SPF: pass\r\nX-Received: a\r\nReceive: a\r\nReceived\r\nReceivedx: a\r\n\r\n", 0],
  ["Subject: Received: a\r\n\r\n", 0],
  ["Received:", 1],
  ["Received", 0],
  ["Received   ", 0],
  ["", 0],
  ["\r\n", 0],
];

test("a field is counted by its name: any case, once for all its lines", () => {
  for (const [text, count] of COUNTS)
    assert.equal(countFields(octets(text), "Received"), count, JSON.stringify(text));
});

test("octets above 127 are no letters", () => {
  // 0xD2 is "R" with the high bit set.
  assert.equal(countFields(Uint8Array.of(0xd2, ...octets("eceived: a\r\n")), "Received"), 0);
});
