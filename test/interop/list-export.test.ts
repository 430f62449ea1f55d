/** Debian's rbldnsd serves what `gatepost list export` writes, and says what the zone says. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openResolver, type NetResolver } from "../../src/net/index.ts";
import { dnsSchema } from "../../src/net/settings.ts";
import type { ListEntry, ListingZone } from "../../src/operate/listing/index.ts";
import { fileAnswer, questionName, rawAnswer, reasonText, type ListReader, type RawAnswer } from "../../src/policy/lists/index.ts"; // prettier-ignore
import { systemClock, systemRandom } from "../../src/runtime/index.ts";
import { subjectOf } from "../fuzz/list-file/made-file.ts";
import { datasetOf, exported, stored, zoneReader } from "../operate/listing/exported.ts";
import { DAY, NOW, subject, zoneOf } from "../operate/listing/site.ts";
import { name } from "../service/delivery/rig.ts";
import { startRbldnsd, type Rbldnsd } from "./support/rbldnsd.ts";
import { freePortBase } from "./support/site.ts";
import { launchUnbound, type Unbound } from "./support/unbound.ts";

/** Exports are good for a week from when they are made: here that is now. */
const AHEAD = Date.now() - NOW;

const TEXTS = ["open relay", "see https://bl.example.org/$", "=alone: $", "", "costs $$5; #1 : 2"];

function entries(all: readonly string[], zone: ListingZone): readonly ListEntry[] {
  return all.map((text, i) => ({
    subject: subject(text, zone.kind),
    ...(i % 3 === 1 && { code: "127.0.0.5" }),
    reason: TEXTS[i % TEXTS.length] ?? "",
    evidence: { kind: "note", text: "seen" },
    by: "ann",
    since: NOW - DAY,
    until: NOW + AHEAD + DAY,
    times: 1,
  }));
}

const V4 = ["5.6.7.0/24", "5.6.7.0/28", "5.6.7.4", "5.6.7.9", "5.6.8.0/25", "5.6.9.3", "5.6.9.5"];
const V6 = ["2a00:1::/48", "2a00:1::/64", "2a00:1::1", "2a00:2::8"];
const NAMES = ["evil.example", "*.evil.example", "a.b.evil.example", "*.b.evil.example", "x.example"]; // prettier-ignore
const ASKED4 = ["5.6.7", "5.6.8", "5.6.9"].flatMap((base) => Array.from({ length: 32 }, (_, i) => `${base}.${i * 5}`)); // prettier-ignore
const ASKED6 = ["2a00:1::", "2a00:1::1", "2a00:1::2", "2a00:1:0:1::", "2a00:2::8", "2a00:2::9"];
const ASKED_NAMES = ["evil.example", "c.evil.example", "b.evil.example", "a.b.evil.example", "c.b.evil.example", "x.example", "y.x.example"]; // prettier-ignore

const AROUND = zoneOf("addresses", { text: "listed: $= ($)" });
const PLAIN = zoneOf("addresses");
const CASES = [
  ["ip4set", PLAIN, V4, ASKED4],
  ["ip4trie", AROUND, V4, ASKED4],
  ["ip6trie", AROUND, V6, ASKED6],
  ["combined", AROUND, [...V4, ...V6], [...ASKED4, ...ASKED6]],
  ["dnset", zoneOf("names"), NAMES, ASKED_NAMES],
] as const;

describe("rbldnsd and exported lists", () => {
  let rbldnsd: Rbldnsd | undefined;
  let unbound: Unbound | undefined;
  let resolver: NetResolver | undefined;

  before(async () => {
    const [port, behind] = [await freePortBase(), await freePortBase()];
    const files = CASES.map(async ([format, zone, all]) => ({
      zone: `${format}.list.example`,
      dataset: format,
      text: await exported(format, zone, entries(all, zone), NOW + AHEAD),
    }));
    rbldnsd = await startRbldnsd(await Promise.all(files), behind);
    const stubs = CASES.map(([format]) => ({ zone: `${format}.list.example`, port: behind }));
    unbound = await launchUnbound("", "", { port, stubs });
    const settings = dnsSchema.parse({ servers: [`127.0.0.1:${port}`] });
    resolver = openResolver(settings, { clock: systemClock, random: systemRandom });
  });
  after(async () => {
    resolver?.close();
    await Promise.all([unbound?.stop(), rbldnsd?.stop()]);
  });

  async function askZone(zone: string, kind: ListingZone["kind"], who: string): Promise<RawAnswer> {
    const asked = subjectOf(who);
    assert.ok(resolver !== undefined && asked !== undefined);
    const question = questionName({ kind, zone: name(zone) }, asked);
    assert.ok(question !== undefined);
    const raw = rawAnswer(await resolver.resolve(question, "A"));
    if (raw.kind !== "codes") return raw;
    const texts = await resolver.resolve(question, "TXT");
    const [first] = texts.kind === "found" ? texts.records : [];
    return { ...raw, ...(first !== undefined && { text: reasonText(first, {}) ?? "" }) };
  }

  function own(reader: ListReader, who: string): RawAnswer {
    const asked = subjectOf(who);
    assert.ok(asked !== undefined);
    return fileAnswer(reader, asked);
  }

  for (const [format, zone, all, asked] of CASES)
    test(`${format}: the same answers`, async () => {
      const dataset = await datasetOf(zone, stored(entries(all, zone), zone.zone));
      const reader = zoneReader(dataset);
      for (const who of asked) {
        const served = await askZone(`${format}.list.example`, zone.kind, who);
        assert.deepEqual(served, own(reader, who), `${who}\n${rbldnsd?.log()}`);
      }
      if (zone.kind === "addresses" && format !== "ip6trie")
        assert.equal(
          (await askZone(`${format}.list.example`, zone.kind, "127.0.0.2")).kind,
          "codes",
        );
    });
});
