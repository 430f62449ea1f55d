/**
 * A list written and read again: the same entries, where the format can say them; and whoever reads the file is told what the zone says, of
 * each address and name.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  JsonLinesReader,
  rowsOfList,
  type ExportFormat,
  type ListEntry,
  type ListingZone,
  type ZoneKind,
} from "../../../src/operate/listing/index.ts";
import type { ListFormat } from "../../../src/policy/lists/index.ts";
import { answer, datasetOf, exported, parsed, readerOf, stored, zoneReader } from "./exported.ts";
import { DAY, NOW, SHA, subject, zoneOf } from "./site.ts";

const RUNS = { numRuns: 60 };

/** Few enough that entries fall into each other, and far enough apart that not all of them do. */
const address4 = fc.tuple(fc.constantFrom(5, 6), fc.constantFrom(0, 7, 8), fc.integer({ min: 0, max: 255 })).map(([a, b, c]) => `5.${a}.${b}.${c}`); // prettier-ignore
const block4 = fc.tuple(fc.constantFrom("5.5.0.", "5.6.7.", "5.6.8."), fc.integer({ min: 24, max: 31 }), fc.nat(255)).map(([base, bits, last]) => `${base}${last - (last % 2 ** (32 - bits))}/${bits}`); // prettier-ignore
const address6 = fc.tuple(fc.constantFrom("2a00:1", "2a00:2"), fc.integer({ min: 0, max: 0xffff })).map(([base, group]) => `${base}::${group.toString(16)}`); // prettier-ignore
const block6 = fc.tuple(fc.constantFrom("2a00:1", "2a00:2"), fc.integer({ min: 48, max: 127 })).map(([base, bits]) => `${base}::/${bits}`); // prettier-ignore
const label = fc.constantFrom("a", "b", "example", "x-1");
const name = fc.tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 3 })).map(([wild, labels]) => `${wild ? "*." : ""}${labels.join(".")}.org`); // prettier-ignore

const reason = fc.constantFrom("", "open relay", "see https://bl.example.org/$", "= alone: $", "costs $$5; #1 : 2", "über", ":odd"); // prettier-ignore
const code = fc.constantFrom(undefined, "127.0.0.3", "127.1.2.3");

function entries(text: fc.Arbitrary<string>, kind: ZoneKind): fc.Arbitrary<readonly ListEntry[]> {
  const one = fc.tuple(text, reason, code).map(([who, said, answered]) => entry(who, kind, said, answered)); // prettier-ignore
  return fc.uniqueArray(one, { maxLength: 12, selector: (made) => made.subject.text });
}

function entry(who: string, kind: ZoneKind, said: string, answered?: string): ListEntry {
  return {
    subject: subject(who, kind),
    ...(answered !== undefined && { code: answered }),
    reason: said,
    evidence: { kind: "test", test: "t1", sha256: SHA },
    by: "ann",
    since: NOW - DAY,
    until: NOW + DAY,
    times: 2,
  };
}

const zones = (kind: ZoneKind) =>
  fc.constantFrom(undefined, "list of us, $", "see $=: $ $$", "=x").map((text) => zoneOf(kind, text === undefined ? {} : { text })); // prettier-ignore

const ASKED4 = ["5.5.0", "5.6.0", "5.6.7", "5.6.8"].flatMap((base) => Array.from({ length: 256 }, (_, i) => `${base}.${i}`)); // prettier-ignore
const ASKED6 = ["2a00:1::", "2a00:1::1", "2a00:1::ff", "2a00:2::8000", "2a00:1:0:0:1::", "2a00:1:0:ffff::1", "2a00:3::"]; // prettier-ignore

function namesOf(all: readonly ListEntry[]): readonly string[] {
  const written = all.map(({ subject: one }) => one.text.replace(/^\*\./, ""));
  return ["test", ...written, ...written.map((one) => `b.${one}`), ...written.map((one) => `a.b.${one}`), "org"]; // prettier-ignore
}

interface FormatCase {
  readonly format: ExportFormat & ListFormat;
  readonly kind: ZoneKind;
  readonly subjects: fc.Arbitrary<string>;
  readonly asked: (all: readonly ListEntry[]) => readonly string[];
}

const own = (all: readonly ListEntry[]): readonly string[] => all.map((one) => one.subject.text).filter((text) => !text.includes("/")); // prettier-ignore
const FORMATS: readonly FormatCase[] = [
  { format: "ip4set", kind: "addresses", subjects: fc.oneof(address4, block4), asked: () => ASKED4 }, // prettier-ignore
  { format: "ip4trie", kind: "addresses", subjects: fc.oneof(address4, block4), asked: () => ASKED4 }, // prettier-ignore
  { format: "ip6trie", kind: "addresses", subjects: fc.oneof(address6, block6), asked: (all) => [...ASKED6, ...own(all)] }, // prettier-ignore
  { format: "combined", kind: "addresses", subjects: fc.oneof(address4, block4, address6, block6), asked: () => [...ASKED4, ...ASKED6] }, // prettier-ignore
  { format: "dnset", kind: "names", subjects: name, asked: namesOf },
  { format: "combined", kind: "names", subjects: name, asked: namesOf },
];

for (const { format, kind, subjects, asked } of FORMATS)
  test(`whoever reads ${format} of ${kind} is told what the zone says`, async () => {
    const check = fc.asyncProperty(entries(subjects, kind), zones(kind), async (all, zone) => {
      const reader = readerOf(format, await exported(format, zone, all));
      const itself = zoneReader(await datasetOf(zone, stored(all, zone.zone)));
      for (const who of asked(all)) {
        if (who === "test") assert.ok(answer(reader, who) !== undefined);
        else assert.deepEqual(answer(reader, who), answer(itself, who), who);
      }
    });
    await fc.assert(check, RUNS);
  });

for (const format of ["cidr", "drop"] as const)
  test(`${format} lists the same addresses`, async () => {
    const subjects = fc.oneof(address4, block4, address6, block6);
    const check = fc.asyncProperty(entries(subjects, "addresses"), async (all) => {
      const zone = zoneOf("addresses");
      const reader = readerOf(format, await exported(format, zone, all));
      const itself = zoneReader(await datasetOf(zone, stored(all, zone.zone)));
      for (const who of [...ASKED4, ...ASKED6])
        assert.equal(answer(reader, who) === undefined, answer(itself, who) === undefined, who);
    });
    await fc.assert(check, RUNS);
  });

/** What a file says as entries, in one order. */
function rows(format: ListFormat, text: string, zone: ListingZone) {
  const read = rowsOfList(parsed(format, text), zone, NOW);
  assert.ok("rows" in read, JSON.stringify(read));
  return inOrder(read.rows);
}

function inOrder(all: readonly Pick<ListEntry, "subject" | "code" | "reason">[]) {
  return all
    .map((one) => [one.subject.text, one.code, one.reason])
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

/** Without neighbours that say the same, which become one block, and without blocks within each other. */
const APART = [0, 2, 5, 7, 13, 40, 130, 255].map((last) => `5.6.7.${last}`);
const APART6 = ["2a00:1::1", "2a00:1::4", "2a00:2::/64", "2a00:3::/48"];

const EXACT: readonly (readonly [ExportFormat & ListFormat, ZoneKind, fc.Arbitrary<string>])[] = [
  ["ip4set", "addresses", fc.constantFrom(...APART, "5.5.5.0/24")],
  ["ip4trie", "addresses", fc.constantFrom(...APART, "5.5.5.0/24")],
  ["ip6trie", "addresses", fc.constantFrom(...APART6)],
  ["combined", "addresses", fc.constantFrom(...APART, ...APART6)],
  ["dnset", "names", name],
  ["combined", "names", name],
];

for (const [format, kind, subjects] of EXACT)
  test(`${format} of ${kind}, written and read, is the same entries`, async () => {
    const check = fc.asyncProperty(entries(subjects, kind), zones(kind), async (all, zone) => {
      assert.deepEqual(rows(format, await exported(format, zone, all), zone), inOrder(all));
    });
    await fc.assert(check, RUNS);
  });

test("CIDR and DROP, written and read, have the same subjects and remarks", async () => {
  const plain = fc.constantFrom("", "open relay", "SBL1; # 2", "costs $$5");
  const one = fc.tuple(fc.constantFrom(...APART, ...APART6), plain).map(([who, said]) => entry(who, "addresses", said)); // prettier-ignore
  const all = fc.uniqueArray(one, { maxLength: 10, selector: (made) => made.subject.text });
  const check = fc.asyncProperty(all, fc.constantFrom("cidr", "drop"), async (made, format) => {
    const zone = zoneOf("addresses");
    assert.deepEqual(rows(format, await exported(format, zone, made), zone), inOrder(made));
  });
  await fc.assert(check, RUNS);
});

function readJson(text: string, zone: ListingZone, pieces = 1) {
  const reader = new JsonLinesReader(zone, NOW);
  const octets = Buffer.from(text);
  const size = Math.ceil(octets.length / pieces) || 1;
  for (let at = 0; at < octets.length; at += size) reader.push(octets.subarray(at, at + size));
  return reader.end();
}

test("in DROP each record is a block, and the last one says how many there are", async () => {
  const made = ["5.6.7.8", "5.6.8.0/24", "2a00:1::1"].map((who) => entry(who, "addresses", ""));
  const lines = (await exported("drop", zoneOf("addresses"), made)).trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      { cidr: "2a00:1::1/128" },
      { cidr: "5.6.7.8/32" },
      { cidr: "5.6.8.0/24" },
      { type: "metadata", timestamp: NOW / 1000, records: 3 },
    ],
  );
});

test("JSON lines have all of an entry, in whatever pieces they come", async () => {
  const evidence = fc.constantFrom<ListEntry["evidence"]>(
    { kind: "test", test: "t1", sha256: SHA },
    { kind: "sample", sha256: SHA },
    { kind: "note", text: "seen \"it\"" },
    { kind: "import", file: "x.cidr", sha256: SHA },
  ); // prettier-ignore
  const all = entries(fc.oneof(address4, block4, address6, block6), "addresses");
  const check = fc.asyncProperty(all, evidence, fc.integer({ min: 1, max: 9 }), async (made, proof, pieces) => {
    const zone = zoneOf("addresses");
    const written = made.map((one) => ({ ...one, evidence: proof }));
    const read = readJson(await exported("jsonl", zone, written), zone, pieces);
    assert.deepEqual(read.problems, []);
    const key = (one: ListEntry) => one.subject.text;
    const sorted = (list: readonly ListEntry[]) => list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
    assert.deepEqual(sorted(read.entries.map((one) => one.entry)), sorted(written)); // prettier-ignore
  }); // prettier-ignore
  await fc.assert(check, RUNS);
});

test("what is over is not written, and not served", async () => {
  const zone = zoneOf("addresses");
  const over = { ...entry("5.6.7.8", "addresses", "x"), until: NOW };
  const itself = zoneReader(await datasetOf(zone, stored([over], zone.zone)));
  assert.equal(answer(itself, "5.6.7.8"), undefined);
});

const GOOD = {
  subject: "5.6.7.8",
  code: "127.0.0.2",
  reason: "open relay",
  evidence: { kind: "note", text: "seen" },
  by: "ann",
  since: "2026-11-27T12:00:00.000Z",
  until: "2026-12-27T12:00:00.000Z",
  times: 1,
};

const BAD_JSON: readonly (readonly [string, RegExp])[] = [
  ["nonsense", /^expected an object of JSON with subject, code/],
  ["[]", /^expected an object/],
  [JSON.stringify({ ...GOOD, extra: 1 }), /^there is no such field: extra$/],
  [JSON.stringify({ ...GOOD, subject: "5.6.7.8/32" }), /^subject: expected it as it is exported, which is 5\.6\.7\.8$/],
  [JSON.stringify({ ...GOOD, subject: "host" }), /^subject: expected an address/],
  [JSON.stringify({ ...GOOD, code: "127.0.0.1" }), /^code: expected a code/],
  [JSON.stringify({ ...GOOD, reason: "a\u0000b" }), /^reason: expected a text/],
  [JSON.stringify({ ...GOOD, evidence: { kind: "note" } }), /^evidence\.text: /],
  [JSON.stringify({ ...GOOD, evidence: { kind: "sample", sha256: "00" } }), /^evidence\.sha256: expected a SHA-256/],
  [JSON.stringify({ ...GOOD, evidence: { kind: "rumour" } }), /^evidence\.kind: /],
  [JSON.stringify({ ...GOOD, since: "yesterday" }), /^since: expected a time in UTC/],
  [JSON.stringify({ ...GOOD, since: "2026-11-29T12:00:00.000Z" }), /^since: expected a time that has been/],
  [JSON.stringify({ ...GOOD, until: GOOD.since }), /^until: expected a time after since/],
  [JSON.stringify({ ...GOOD, times: 0 }), /^times: /],
]; // prettier-ignore

for (const [line, expected] of BAD_JSON)
  test(`JSON line ${line.slice(0, 60)} is bad, and its number is said`, () => {
    const { entries: read, problems, count } = readJson(`\n${line}\n${JSON.stringify(GOOD)}\n`, zoneOf("addresses")); // prettier-ignore
    assert.deepEqual([read.length, count, problems[0]?.line], [1, 1, 2]);
    assert.match(problems[0]?.reason ?? "", expected);
  });

test("the same subject twice is bad", () => {
  const { problems } = readJson(`${JSON.stringify(GOOD)}\n${JSON.stringify(GOOD)}`, zoneOf("addresses")); // prettier-ignore
  assert.deepEqual(problems, [{ line: 2, reason: "5.6.7.8 is there twice" }]);
});
