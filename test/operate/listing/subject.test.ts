/** Whom an entry is about: one canonical text for each, however it is written; what overlaps; what is around. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseSubjects, readSubject, subjectsAround, weightOf, type ZoneKind } from "../../../src/operate/listing/index.ts"; // prettier-ignore
import { overlaps } from "../../../src/operate/listing/subject.ts";
import { subject } from "./site.ts";

const CANONICAL: readonly (readonly [string, ZoneKind, readonly string[]])[] = [
  ["192.0.2.7", "addresses", ["192.0.2.7"]],
  ["192.0.2.7/32", "addresses", ["192.0.2.7"]],
  ["192.0.2.0/24", "addresses", ["192.0.2.0/24"]],
  ["::ffff:192.0.2.7", "addresses", ["192.0.2.7"]],
  ["2001:DB8::0:1", "addresses", ["2001:db8::1"]],
  ["2001:db8:0:1::/64", "addresses", ["2001:db8:0:1::/64"]],
  ["Example.ORG.", "names", ["example.org"]],
  ["*.example.org", "names", ["*.example.org"]],
  [".example.org", "names", ["example.org", "*.example.org"]],
  ["bücher.example", "names", ["xn--bcher-kva.example"]],
];

for (const [text, kind, expected] of CANONICAL)
  test(`${text} is ${expected.join(" and ")}`, () => {
    const read = parseSubjects(text, kind);
    assert.ok(typeof read !== "string");
    assert.deepEqual(read.map((one) => one.text), expected); // prettier-ignore
    assert.deepEqual(read.map((one) => readSubject(one.text)), read); // prettier-ignore
  });

const NONE: readonly (readonly [string, ZoneKind])[] = [
  ["192.0.2.7/24", "addresses"],
  ["192.0.2", "addresses"],
  ["010.0.0.1", "addresses"],
  ["192.0.2.0/33", "addresses"],
  ["2001:db8::1/64", "addresses"],
  ["2001:db8", "addresses"],
  ["example.org", "addresses"],
  ["", "addresses"],
  ["192.0.2.7", "names"],
  ["192.0.2.0/24", "names"],
  ["2001:db8::/32", "names"],
  ["a..b", "names"],
  ["*", "names"],
  ["a.*.org", "names"],
  [".", "names"],
  ["", "names"],
];

for (const [text, kind] of NONE)
  test(`"${text}" is nobody in a list of ${kind}`, () => {
    assert.equal(typeof parseSubjects(text, kind), "string");
  });

const octet = fc.integer({ min: 0, max: 255 });

test("each block around an address has it, and is read as it is written", () => {
  const v4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));
  const v6 = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }).map((groups) => ["2a00", ...groups.slice(1).map((group) => group.toString(16))].join(":")); // prettier-ignore
  const check = fc.property(fc.oneof(v4, v6), (text) => {
    const one = subject(text);
    const around = subjectsAround(one);
    assert.equal(around.length, one.kind === "v4" ? 33 : 129);
    for (const wider of around) {
      assert.ok(overlaps(one, wider) && overlaps(wider, one));
      assert.deepEqual(readSubject(wider.text), wider);
    }
  });
  fc.assert(check, { numRuns: 100 });
});

test("a name has around it what is said of names above it", () => {
  const around = subjectsAround(subject("a.b.example.org", "names")).map(({ text }) => text);
  assert.deepEqual(around, ["a.b.example.org", "*.b.example.org", "*.example.org", "*.org"]);
});

const OVERLAPS: readonly (readonly [string, string, ZoneKind, boolean])[] = [
  ["192.0.2.7", "192.0.2.0/24", "addresses", true],
  ["192.0.2.7", "192.0.3.0/24", "addresses", false],
  ["2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "addresses", true],
  ["2001:db8::/32", "2001:db9::", "addresses", false],
  ["192.0.2.7", "2001:db8::", "addresses", false],
  ["a.example.org", "*.example.org", "names", true],
  ["example.org", "*.example.org", "names", true],
  ["*.a.example.org", "*.example.org", "names", true],
  ["a.example.org", "example.org", "names", false],
  ["an-example.org", "*.example.org", "names", false],
];

for (const [a, b, kind, expected] of OVERLAPS)
  test(`${a} and ${b} ${expected ? "meet" : "do not meet"}`, () => {
    const [one, other] = [subject(a, kind), subject(b, kind)];
    assert.deepEqual([overlaps(one, other), overlaps(other, one)], [expected, expected]);
  });

test("a zone's size is in addresses, /64s and names", () => {
  assert.equal(weightOf(subject("192.0.2.0/24")), 256);
  assert.equal(weightOf(subject("2001:db8::/48")), 65_536);
  assert.equal(weightOf(subject("2001:db8::1")), 1);
  assert.equal(weightOf(subject("*.example.org", "names")), 1);
});
