/** A zone file for BIND: asked by the rules of the DNS (RFC 4592 for wildcards) it lists whom the zone lists, and no wildcard is too wide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ListEntry, ZoneKind } from "../../../src/operate/listing/index.ts";
import { addressUnder, parseName } from "../../../src/protocol/dns/index.ts";
import { parseIp } from "../../../src/mail/index.ts";
import { answer, datasetOf, exported, stored, zoneReader } from "./exported.ts";
import { DAY, NOW, subject, zoneOf } from "./site.ts";

/** Names below the origin, with the data of their A records. */
function nodesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [name = "", , type, data = ""] = line.split(" ");
    if (type !== "A") continue;
    nodes.set(name, [...(nodes.get(name) ?? []), data]);
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const above = name.slice(dot + 1);
      if (!nodes.has(above)) nodes.set(above, []); // an empty non-terminal
    }
  }
  return nodes;
}

function ask(nodes: ReadonlyMap<string, readonly string[]>, name: string): readonly string[] {
  const found = nodes.get(name);
  if (found !== undefined) return found;
  const dot = name.indexOf(".");
  if (dot < 0) return nodes.get("*") ?? [];
  const above = name.slice(dot + 1);
  // The closest encloser alone has a say.
  return nodes.has(above) ? (nodes.get(`*.${above}`) ?? []) : ask(nodes, above);
}

function entryOf(text: string, kind: ZoneKind, code: string): ListEntry {
  return {
    subject: subject(text, kind),
    code,
    reason: 'a "quoted" \\ text of ü',
    evidence: { kind: "note", text: "seen" },
    by: "ann",
    since: NOW - DAY,
    until: NOW + DAY,
    times: 1,
  };
}

function some(texts: readonly string[], kind: ZoneKind) {
  const code = fc.constantFrom("127.0.0.2", "127.0.0.3");
  const one = fc.tuple(fc.constantFrom(...texts), code).map(([text, answered]) => entryOf(text, kind, answered)); // prettier-ignore
  return fc.uniqueArray(one, { maxLength: 8, selector: (made) => made.subject.text });
}

const V4 = ["5.6.7.0/24", "5.6.7.0/25", "5.6.7.64/27", "5.6.7.8", "5.6.8.0/24", "5.60.8.0/24", "5.6.8.255", "5.6.9.1"]; // prettier-ignore
const V6 = ["2a00:1::/48", "2a00:1::/50", "2a00:1::/64", "2a00:1::1", "2a00:1:0:0:8000::/65", "2a00:2::/127"]; // prettier-ignore
const ASKED = [
  ...["5.6.7", "5.6.8", "5.6.9", "5.60.8"].flatMap((base) => Array.from({ length: 256 }, (_, i) => `${base}.${i}`)), // prettier-ignore
  "5670::1", // its name ends as those of 5.6.7.0/24 do
  "2a00:1::",
  "2a00:1::1",
  "2a00:1::2",
  "2a00:1::8000:0:0:1",
  "2a00:1:0:1::",
  "2a00:1:0:4000::",
  "2a00:1:0:ffff::1",
  "2a00:2::",
  "2a00:2::1",
  "2a00:2::2", // prettier-ignore
];

test("of addresses it lists whom the zone lists", async () => {
  const check = fc.asyncProperty(some([...V4, ...V6], "addresses"), async (all) => {
    const zone = zoneOf("addresses");
    const nodes = nodesOf(await exported("bind", zone, all));
    const itself = zoneReader(await datasetOf(zone, stored(all, zone.zone)));
    const origin = parseName("z");
    for (const who of ASKED) {
      const ip = parseIp(who);
      assert.ok(ip !== undefined && origin !== undefined);
      const name = addressUnder(ip, origin)?.slice(0, -2) ?? "";
      assert.deepEqual(ask(nodes, name), answer(itself, who)?.codes ?? [], who);
    }
  });
  await fc.assert(check, { numRuns: 60 });
});

const NAMES = ["a.org", "*.a.org", "b.a.org", "*.b.a.org", "c.b.a.org", "*.d.c.b.a.org", "e.f.a.org"]; // prettier-ignore
const ASKED_NAMES = [...NAMES.map((name) => name.replace("*.", "")), "x.a.org", "f.a.org", "g.f.a.org", "x.b.a.org", "x.c.b.a.org", "d.c.b.a.org", "x.d.c.b.a.org", "org", "x.org", "x.e.f.a.org"]; // prettier-ignore

test("of names it lists whom the zone lists, below other entries too", async () => {
  const check = fc.asyncProperty(some(NAMES, "names"), async (all) => {
    const zone = zoneOf("names");
    const nodes = nodesOf(await exported("bind", zone, all));
    const itself = zoneReader(await datasetOf(zone, stored(all, zone.zone)));
    for (const who of ASKED_NAMES)
      assert.deepEqual(ask(nodes, who), answer(itself, who)?.codes ?? [], who);
  });
  await fc.assert(check, { numRuns: 200 });
});

test("no wildcard of addresses is wider than a /24 or a /48, and the test points are there", async () => {
  const neighbours = Array.from({ length: 64 }, (_, i) => entryOf(`5.60.${i}.0/24`, "addresses", "127.0.0.2")); // prettier-ignore
  const six = Array.from({ length: 16 }, (_, i) => entryOf(`2a00:1:${i.toString(16)}::/48`, "addresses", "127.0.0.2")); // prettier-ignore
  const text = await exported("bind", zoneOf("addresses"), [
    ...neighbours,
    ...six,
    entryOf("5.9.90.0/24", "addresses", "127.0.0.2"),
  ]);
  const wild = text.match(/^\*\.\S+ IN A /gm) ?? [];
  assert.equal(wild.length, 81);
  for (const one of wild) {
    const labels = one.split(" ")[0]?.split(".").length ?? 0;
    assert.ok(labels === 4 || labels === 13, one);
  }
  const nodes = nodesOf(text);
  assert.deepEqual(ask(nodes, "2.0.0.127"), ["127.0.0.2"]);
  assert.deepEqual(ask(nodes, "1.0.0.127"), []);
  assert.deepEqual(ask(nodes, `2.0.0.0.0.0.f.7.f.f.f.f${".0".repeat(20)}`), ["127.0.0.2"]);
  const wide = ["10", "*.10", "*.2.10"].map((one) => entryOf(one, "names", "127.0.0.2"));
  const few = [...nodesOf(await exported("bind", zoneOf("names"), wide)).keys()];
  assert.ok(few.includes("10") && few.includes("*.2.10") && !few.includes("*.10"), few.join());
  const names = nodesOf(await exported("bind", zoneOf("names"), []));
  assert.deepEqual([ask(names, "test"), ask(names, "invalid")], [["127.0.0.2"], []]);
});
