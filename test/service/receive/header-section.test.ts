/** The header section is taken off the front at any split, up to its limit, in linear time and bounded memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { HeaderSection } from "../../../src/service/receive/header-section.ts";

const LIMIT = 20;

/** Feeds pieces until the section is whole or too long; tells what came out and how many pieces it took. */
function take(limit: number, pieces: readonly string[]): string {
  const header = new HeaderSection(limit);
  for (const piece of pieces) {
    const slice = Buffer.from(piece, "latin1");
    const result = header.take(slice);
    if (result.kind === "complete") {
      const [section, content] = [result.section, result.content].map((octets) =>
        Buffer.from(octets).toString("latin1"),
      );
      return JSON.stringify([section, content]);
    }
    if (result.kind === "too-long") return "too-long";
    slice.fill(0); // whoever keeps a slice copies it
  }
  return `more ${JSON.stringify(Buffer.from(header.finish()).toString("latin1"))}`;
}

const CONTENTS: readonly (readonly [string, string])[] = [
  ["A: b\r\n\r\nbody", '["A: b\\r\\n\\r\\n","A: b\\r\\n\\r\\nbody"]'],
  ["\r\nbody", '["\\r\\n","\\r\\nbody"]'],
  [
    `${"x".repeat(16)}\r\n\r\n`,
    JSON.stringify([`${"x".repeat(16)}\r\n\r\n`, `${"x".repeat(16)}\r\n\r\n`]),
  ],
  [`${"x".repeat(17)}\r\n\r\n`, "too-long"],
  [`${"x".repeat(100)}\r\n\r\n`, "too-long"],
  ["A: b\r\n", 'more "A: b\\r\\n"'],
  ["", 'more ""'],
];

test("the section in one piece", () => {
  for (const [content, expected] of CONTENTS)
    assert.equal(take(LIMIT, [content]), expected, content);
});

test("the same at every split into two, and octet by octet; the content behind is what had arrived", () => {
  for (const [content, expected] of CONTENTS) {
    for (let cut = 1; cut < content.length; cut++) {
      const result = take(LIMIT, [content.slice(0, cut), content.slice(cut)]);
      const [section, whole] = [sectionOf(result), sectionOf(expected)];
      assert.equal(section, whole, `${content} at ${cut}`);
    }
    assert.equal(sectionOf(take(LIMIT, content.split(""))), sectionOf(expected), content);
  }
});

/** Without the content, of which more may have arrived in one piece than in several. */
function sectionOf(result: string): string {
  return result.startsWith("[") ? String((JSON.parse(result) as unknown[])[0]) : result;
}

test("nothing is lost or doubled between section and content", () => {
  const pieces = fc.array(fc.constantFrom("A: b\r\n", "\r\n", "x", "\r", "\n"), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(pieces, (parts) => {
      const result = take(1000, parts);
      if (!result.startsWith("["))
        return assert.equal(result, `more ${JSON.stringify(parts.join(""))}`);
      const [, content] = JSON.parse(result) as [string, string];
      assert.ok(parts.join("").startsWith(content));
    }),
  );
});

test("a section that comes octet by octet is copied a bounded number of times", (t) => {
  const octets = 20_000;
  const set = t.mock.method(Uint8Array.prototype, "set");
  const header = new HeaderSection(2 * octets);
  const octet = Buffer.from("x");
  for (let i = 0; i < octets; i++) header.take(octet);
  let copied = 0;
  for (const {
    arguments: [source],
  } of set.mock.calls)
    copied += source.length;
  assert.ok(copied < 4 * octets, `${copied} octets copied`);
});
