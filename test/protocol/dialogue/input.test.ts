/** Lines from octets: one way to read them, whatever the chunks, and bounded memory. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { Input, latin1, octetsOf } from "../../../src/protocol/dialogue/index.ts";
import { cut, cuts, framing } from "./chunks.ts";

/** What `takeLine` gives for octets arriving in chunks, until it faults or the octets are used up. */
function readLines(chunks: readonly Uint8Array[], limit: number): string[] {
  const input = new Input();
  const seen: string[] = [];
  for (const chunk of chunks) {
    input.append(chunk);
    for (;;) {
      const line = input.takeLine(limit);
      if (line.kind === "more") break;
      if (line.kind === "fault") return [...seen, line.fault];
      seen.push(line.kind === "line" ? `line ${latin1(line.bytes)}` : line.kind);
    }
    assert.ok(input.length <= limit + 1, "an unfinished line is bounded");
  }
  return seen;
}

/** The same by definition. */
function linesByDefinition(text: string, limit: number): string[] {
  const bad = /\0|\r(?!\n|$)|(?<!\r)\n/.exec(text);
  const sound = bad === null ? text : text.slice(0, bad.index);
  const lines = sound.split("\r\n").slice(0, -1);
  const seen = lines.map((line) => (line.length + 2 <= limit ? `line ${line}` : "too-long"));
  if (bad === null) return seen;
  return [...seen, bad[0] === "\0" ? "NUL" : bad[0] === "\r" ? "bare CR" : "bare LF"];
}

describe("takeLine", () => {
  test("agrees with the definition, for any octets, chunks and limit", () => {
    fc.assert(
      fc.property(framing, cuts, fc.integer({ min: 2, max: 12 }), (octets, positions, limit) => {
        const expected = linesByDefinition(latin1(octets), limit);
        assert.deepEqual(readLines([octets], limit), expected);
        assert.deepEqual(readLines(cut(octets, positions), limit), expected);
        assert.deepEqual(
          readLines(
            Array.from(octets, (octet) => Uint8Array.of(octet)),
            limit,
          ),
          expected,
        );
      }),
      { numRuns: 5000 },
    );
  });

  test("a line that never ends is dropped as it comes, and reported once", () => {
    const input = new Input();
    for (let i = 0; i < 1000; i++) {
      input.append(octetsOf("x".repeat(100)));
      assert.equal(input.takeLine(512).kind, "more");
      assert.ok(input.length <= 512);
    }
    input.append(octetsOf("\r\nNOOP\r\n"));
    assert.equal(input.takeLine(512).kind, "too-long");
    const line = input.takeLine(512);
    assert.equal(line.kind === "line" && latin1(line.bytes), "NOOP");
  });

  test("lines taken earlier are not overwritten by what comes later", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 20 }), cuts, (lengths, positions) => {
        const text = lengths.map((length, i) => `${String(i).repeat(length)}\r\n`).join("");
        const input = new Input();
        const taken: Uint8Array[] = [];
        for (const chunk of cut(octetsOf(text), positions)) {
          input.append(chunk);
          for (let line = input.takeLine(512); line.kind === "line"; line = input.takeLine(512))
            taken.push(line.bytes);
        }
        assert.equal(taken.map((line) => `${latin1(line)}\r\n`).join(""), text);
      }),
    );
  });
});

describe("view and consume", () => {
  test("give all octets once and in order, mixed with lines", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        cuts,
        fc.array(fc.nat(20)),
        (octets, positions, takes) => {
          const input = new Input();
          const seen: number[] = [];
          const chunks = cut(octets, positions);
          chunks.forEach((chunk, i) => {
            input.append(chunk);
            const take = Math.min(takes[i] ?? 0, input.length);
            seen.push(...input.view().subarray(0, take));
            input.consume(take);
          });
          seen.push(...input.view());
          assert.deepEqual(Uint8Array.from(seen), octets);
        },
      ),
    );
  });

  test("a line may follow octets that were consumed in its middle", () => {
    const input = new Input();
    input.append(octetsOf("half a li"));
    assert.equal(input.takeLine(512).kind, "more");
    input.consume(7);
    input.append(octetsOf("ne\r\n"));
    const line = input.takeLine(512);
    assert.equal(line.kind === "line" && latin1(line.bytes), "line");
  });

  test("more than there is cannot be consumed", () => {
    const input = new Input();
    input.append(octetsOf("abc"));
    assert.throws(() => input.consume(4), RangeError);
  });

  test("the array that came is not written into", () => {
    const chunk = octetsOf("NOOP\r\nNO");
    const before = chunk.slice();
    const input = new Input();
    input.append(chunk);
    input.takeLine(512);
    input.append(octetsOf("OP\r\n"));
    input.append(octetsOf("NOOP\r\n"));
    assert.deepEqual(chunk, before);
  });
});

test("clear forgets everything, an over-long line included", () => {
  const input = new Input();
  input.append(octetsOf("x".repeat(600)));
  assert.equal(input.takeLine(512).kind, "more");
  input.clear();
  input.append(octetsOf("NOOP\r\n"));
  assert.equal(input.takeLine(512).kind, "line");
});
