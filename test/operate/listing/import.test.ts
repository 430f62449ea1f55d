/** Files come in whole or not at all: what is wrong is said with its line; better evidence stays; the brake stops what is too much. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  importEntries,
  JsonLinesReader,
  keptEntry,
  rowsOfList,
  undoChange,
  type ImportWanted,
} from "../../../src/operate/listing/index.ts";
import { ListParser, type ListFormat } from "../../../src/policy/lists/index.ts";
import { DAY, list, listed, NOW, openLists, reason, SHA, zoneOf, type TestSite } from "./site.ts";

function readRows(
  format: ListFormat | "auto",
  text: string,
  kind: "addresses" | "names" = "addresses",
  more: object = {},
) {
  const parser = new ListParser(format);
  parser.push(Buffer.from(text));
  return rowsOfList(parser.end(), zoneOf(kind, more), NOW);
}

function problems(
  format: ListFormat | "auto",
  text: string,
  kind: "addresses" | "names" = "addresses",
) {
  const read = readRows(format, text, kind);
  assert.ok("problems" in read, "it was read");
  return read.problems.map(({ line, reason: why }) => `${line}: ${why}`);
}

async function imported(site: TestSite, text: string, more: Partial<ImportWanted> = {}) {
  const read = readRows("auto", text);
  assert.ok("rows" in read, JSON.stringify(read));
  return importEntries(site, { ...wantedOf(site), read: { kind: "list", ...read }, ...more });
}

function wantedOf(site: TestSite) {
  const progress = () => {};
  return { zone: site.relays, file: "list.txt", sha256: SHA, by: "ann", past: "nothing", progress } as const; // prettier-ignore
}

test("a stretch of addresses that says one thing becomes the fewest blocks", () => {
  const read = readRows(
    "ip4set",
    "5.6.7.0-5.6.7.8 :3:x\n5.6.7.9 :3:x\n!5.6.7.4\n5.6.8.0/25\n5.6.8.128/25\n",
  );
  assert.ok("rows" in read);
  const rows = read.rows.map(({ subject, code, reason: said }) => [subject.text, code, said]);
  assert.deepEqual(rows, [
    ["5.6.7.0/30", "127.0.0.3", "x"],
    ["5.6.7.5", "127.0.0.3", "x"],
    ["5.6.7.6/31", "127.0.0.3", "x"],
    ["5.6.7.8/31", "127.0.0.3", "x"],
    ["5.6.8.0/24", undefined, ""],
  ]);
});

test("test points are no entries; variables and a text around texts are filled in", () => {
  const text = "$0 our policy\n$= listed: $=\n127.0.0.2\n5.6.7.8 :2:see $0 and $\n";
  const read = readRows("ip4set", text);
  assert.ok("rows" in read);
  assert.deepEqual(read.rows.map((row) => [row.subject.text, row.reason]), [["5.6.7.8", "listed: see $0 and $"]]); // prettier-ignore
  const plain = readRows("ip4set", "$0 our policy\n5.6.7.8 :2:see $0 and $\n");
  assert.ok("rows" in plain);
  assert.equal(plain.rows[0]?.reason, "see our policy and $");
});

const BAD: readonly (readonly [ListFormat | "auto", string, "addresses" | "names", RegExp])[] = [
  ["cidr", "5.6.7.8\nhost\n", "addresses", /^2: "host": expected an address/],
  ["ip4set", "5.6.7.8 :x:\n", "addresses", /^1: /],
  ["drop", '{"cidr":"5.6.7.8/32"}\n{"type":"metadata","records":2}\n', "addresses", /^0: it says that it has 2 records, and has 1/],
  ["dnset", "example.org\n", "addresses", /^0: it has names \(dnset\), and is to be a list of addresses/],
  ["combined", "$DATASET ip4set relays\n5.6.7.8\n", "addresses", /^0: no dataset in it is for the list itself \(@\)/],
  ["ip4set", "$TIMESTAMP 2026:11:01 +1d\n5.6.7.8\n", "addresses", /^0: it ended by itself at 2026-11-02T/],
  ["ip4set", "5.6.7.8 :2:a\n5.6.7.8 :3:b\n", "addresses", /^0: 5\.6\.7\.8: it has 2 codes and 2 texts, and an entry has one of each/],
  ["ip4set", "5.6.7.8 :192.0.2.1:a\n", "addresses", /^0: 5\.6\.7\.8: 192\.0\.2\.1 is no code of a list/],
  ["ip6trie", "0:0:0:0:0:ffff:0506:0708\n", "addresses", /^0: there are IPv4-mapped addresses/],
  ["combined", "$DATASET ip4set @\n5.6.7.8\n$DATASET ip4trie @\n5.6.7.0/24\n", "addresses", /^0: several datasets of it have addresses of IPv4/],
  ["dnset", "*.example.org\n!a.example.org\n", "names", /^0: a\.example\.org is excluded in it, and entries have no exclusions/],
]; // prettier-ignore

for (const [format, text, kind, expected] of BAD)
  test(`nothing is taken of ${JSON.stringify(text)} as ${format}`, () => {
    assert.match(problems(format, text, kind).join("\n"), expected);
  });

test("what a guard keeps off keeps all of the file off", async (t) => {
  const site = await openLists(t);
  const result = await imported(site, "5.6.7.8\n10.0.0.1\n5.6.0.0/16\n");
  assert.ok(typeof result !== "string" && result.kind === "not imported");
  assert.equal(result.count, 2);
  assert.match(result.problems.map((one) => one.reason).join("\n"), /^5\.6\.0\.0\/16: a \/16 is wider.*\n10\.0\.0\.1: it has addresses of 10/s); // prettier-ignore
  assert.deepEqual([listed(site), site.published.revision()], [[], 0]);
});

test("a file is one change; better evidence stays, what was imported is renewed", async (t) => {
  const site = await openLists(t);
  await list(site, "5.6.7.1");
  const first = await imported(site, "5.6.7.1\n5.6.7.3 ; x\n");
  assert.ok(typeof first !== "string" && first.kind === "imported");
  assert.deepEqual([first.added, first.renewed, first.kept], [1, 0, 1]);
  site.at += DAY;
  const second = await imported(site, "5.6.7.3 ; y\n5.6.7.5\n");
  assert.ok(typeof second !== "string" && second.kind === "imported");
  assert.deepEqual([second.added, second.renewed], [1, 1]);
  const stored = site.published.find(site.relays.zone, "5.6.7.3");
  assert.ok(stored !== undefined);
  const { reason: said, since, until, evidence, times } = keptEntry(stored);
  assert.deepEqual([said, since, until, times], ["y", NOW, NOW + 31 * DAY, 1]);
  assert.deepEqual(evidence, { kind: "import", file: "list.txt", sha256: SHA });
  assert.equal(site.published.find(site.relays.zone, "5.6.7.1")?.kind, "note");
  await undoChange(site, second.change ?? 0, "bob");
  assert.deepEqual(listed(site), ["5.6.7.1", "5.6.7.3"]);
  assert.equal(site.published.find(site.relays.zone, "5.6.7.3")?.reason, "x");
});

test("entries end with the file that they are of", async (t) => {
  const site = await openLists(t);
  const text = "$TIMESTAMP 2026:11:28 +2d\n5.6.7.1 x\n";
  assert.ok(typeof (await imported(site, text)) !== "string");
  const ends = site.published.find(site.relays.zone, "5.6.7.1")?.until;
  assert.equal(ends, Date.UTC(2026, 10, 30));
});

test("the brake stops an import, unless a person knows how much it is", async (t) => {
  const site = await openLists(t, { burst: 2 });
  const three = "5.6.7.1\n5.6.7.3\n5.6.7.5\n";
  assert.match(reason(await imported(site, three)), /^the zone would grow by 3 within a day, from a zone that was empty; allowed are 2.*add --yes$/); // prettier-ignore
  assert.deepEqual(listed(site), []);
  assert.ok(typeof (await imported(site, three, { past: "brake" })) !== "string");
  assert.equal(listed(site).length, 3);
  assert.ok(typeof (await imported(site, three)) !== "string", "a renewal is no growth");
  const pulled = { zone: site.relays.zone, at: site.at, by: "gatepost", origin: "pipeline", action: "brake", why: "too many", parts: [], state: { brake: "too many" } } as const; // prettier-ignore
  await site.published.apply(pulled);
  site.at += 3 * DAY;
  assert.ok(typeof (await imported(site, three)) !== "string", "a renewal needs no brake");
  assert.match(reason(await imported(site, "5.6.7.7\n")), /the brake of relays\.bl\.example\.org is pulled: too many/); // prettier-ignore
});

function jsonLine(parts: object): string {
  return JSON.stringify({
    subject: "5.6.7.8",
    code: "127.0.0.2",
    reason: "open relay",
    evidence: { kind: "test", test: "t1", sha256: SHA },
    by: "eve",
    since: "2026-11-27T12:00:00.000Z",
    until: "2026-12-27T12:00:00.000Z",
    times: 3,
    ...parts,
  });
}

async function importJson(site: TestSite, ...lines: readonly string[]) {
  const reader = new JsonLinesReader(site.relays, site.at);
  reader.push(Buffer.from(lines.join("\n")));
  const { entries, count } = reader.end();
  assert.equal(count, 0);
  const result = await importEntries(site, {
    ...wantedOf(site),
    read: { kind: "entries", entries },
  });
  assert.ok(typeof result !== "string");
  return result;
}

test("entries with evidence come in as they were; what is over or the same is passed over", async (t) => {
  const site = await openLists(t);
  const over = jsonLine({ subject: "5.6.7.9", until: "2026-11-28T12:00:00.000Z" });
  const first = await importJson(site, jsonLine({}), over);
  assert.ok(first.kind === "imported");
  assert.deepEqual([first.added, first.over], [1, 1]);
  const stored = site.published.find(site.relays.zone, "5.6.7.8");
  assert.ok(stored !== undefined);
  const entry = keptEntry(stored);
  assert.deepEqual([entry.by, entry.since, entry.times, entry.evidence.kind], ["eve", NOW - DAY, 3, "test"]); // prettier-ignore
  const again = await importJson(site, jsonLine({}));
  assert.ok(again.kind === "imported");
  assert.deepEqual([again.same, again.change], [1, undefined]);
  const guarded = await importJson(site, jsonLine({}), jsonLine({ subject: "10.0.0.1" }), jsonLine({ subject: "5.6.7.10", until: "2028-01-01T00:00:00.000Z" })); // prettier-ignore
  assert.ok(guarded.kind === "not imported");
  assert.deepEqual(guarded.problems.map(({ line }) => line), [2, 3]); // prettier-ignore
});

test("what was changed while a file was read is not overwritten", async (t) => {
  const site = await openLists(t);
  const { published } = site;
  const apply = published.apply.bind(published);
  const between = t.mock.method(published, "apply", async (edit: Parameters<typeof apply>[0]) => {
    between.mock.restore();
    await list(site, "5.6.7.1");
    return apply(edit);
  });
  const result = await imported(site, "5.6.7.1\n");
  assert.match(reason(result), /somebody else has just changed 5\.6\.7\.1/);
  assert.equal(site.published.find(site.relays.zone, "5.6.7.1")?.kind, "note");
});
