/** Lines that are too long are broken, and nothing else is touched. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { LINE_LIMIT, LineBreaker } from "../../../src/protocol/smtp/client-lines.ts";
import { cut } from "../dialogue/chunks.ts";

function brokenIn(chunks: readonly Uint8Array[]): string {
  const breaker = new LineBreaker();
  const parts: Uint8Array[] = [];
  const emit = (slice: Uint8Array): void => {
    assert.notEqual(slice.length, 0);
    parts.push(slice.slice());
  };
  for (const chunk of chunks) breaker.write(chunk, emit);
  breaker.end(emit);
  return Buffer.concat(parts).toString("latin1");
}

const broken = (text: string): string => brokenIn([Buffer.from(text, "latin1")]);

/** Lines of which many are about as long as a line may be, with blanks in few and UTF-8 in some. */
const piece = fc.oneof(
  fc.integer({ min: 1, max: 2100 }).map((n) => "x".repeat(n)),
  fc.integer({ min: 994, max: 1001 }).map((n) => "y".repeat(n)),
  fc.integer({ min: 1, max: 600 }).map((n) => "\u00c3\u00a4".repeat(n)),
  fc.constantFrom(" ", "\t", "word", ".", "   "),
);
const content = fc
  .tuple(fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 5 }), fc.constantFrom("", "\r\n"))
  .map(([lines, end]) =>
    Buffer.from(lines.map((line) => line.join("")).join("\r\n") + end, "latin1"),
  );
const positions = fc.array(fc.nat(12_000), { maxLength: 12 });

describe("any content of CRLF lines", () => {
  test("leaves in lines of at most 998 octets", () => {
    fc.assert(
      fc.property(content, (octets) => {
        for (const line of brokenIn([octets]).split("\r\n"))
          assert.ok(line.length <= LINE_LIMIT, `${line.length} octets`);
      }),
    );
  });

  test("is the same when its breaks are taken out again", () => {
    fc.assert(
      fc.property(content, (octets) => {
        const text = octets.toString("latin1");
        const out = broken(text);
        let at = 0;
        for (const char of text) {
          // A break never stands right before a line end, so a CR in both is one.
          if (char !== out[at]) {
            assert.match(out.slice(at, at + 3), /^\r\n[ \t]$/);
            at += out[at + 2] === char ? 2 : 3;
          }
          assert.equal(out[at], char);
          at++;
        }
        assert.equal(at, out.length);
      }),
    );
  });

  test("is broken the same way in any chunks", () => {
    fc.assert(
      fc.property(content, positions, (octets, at) => {
        assert.equal(brokenIn(cut(octets, at)), brokenIn([octets]));
      }),
      { numRuns: 300 },
    );
  });
});

test("a line of just 998 octets stays whole, also when its CR and LF come apart", () => {
  const line = "y".repeat(LINE_LIMIT);
  assert.equal(brokenIn([Buffer.from(`${line}\r`), Buffer.from("\n")]), `${line}\r\n`);
});

test("no UTF-8 character is broken", () => {
  const [first = ""] = broken(`x${"\u00c3\u00a4".repeat(600)}`).split("\r\n");
  assert.equal(first.length, LINE_LIMIT - 1);
});

test("no line of blanks alone is made: a header section would seem to end there", () => {
  const [first = ""] = broken(`  ${"x".repeat(1200)}`).split("\r\n");
  assert.equal(first, `  ${"x".repeat(LINE_LIMIT - 2)}`);
});
