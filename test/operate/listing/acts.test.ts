/** What an operator does to his lists: entries have evidence and an end, each act is on record and can be taken back, a zone ends as it should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brakes,
  keptEntry,
  releaseBrakes,
  removeEntry,
  retireZone,
  standings,
  undoChange,
  zoneFigures,
  zoneNamed,
} from "../../../src/operate/listing/index.ts";
import { DAY, list, listed, NOW, openLists, reason, SHA, tryList, type TestSite } from "./site.ts";

function entry(site: TestSite, text: string, zone = site.relays) {
  const stored = site.published.find(zone.zone, text);
  assert.ok(stored !== undefined, `${text} is not listed`);
  return keptEntry(stored);
}

function remove(site: TestSite, text: string, origin: "person" | "pipeline" = "person") {
  return removeEntry(site, { subject: text, why: "closed", by: "ann", origin });
}

async function undo(site: TestSite, id: number) {
  const undone = await undoChange(site, id, "bob");
  return typeof undone === "string" ? undone : undone.id;
}

test("an entry ends by itself, by the kind of its evidence", async (t) => {
  const site = await openLists(t);
  const test1 = { kind: "test", test: "t1", sha256: SHA } as const;
  await list(site, "5.6.7.1", { evidence: test1 });
  await list(site, "5.6.7.2", { evidence: { kind: "sample", sha256: SHA } });
  await list(site, "5.6.7.3");
  await list(site, "5.6.7.4", { until: NOW + DAY });
  const ends = ["5.6.7.1", "5.6.7.2", "5.6.7.3", "5.6.7.4"].map((one) => entry(site, one).until - NOW); // prettier-ignore
  assert.deepEqual(ends, [30 * DAY, 7 * DAY, 90 * DAY, DAY]);
  const { change: _, ...kept } = entry(site, "5.6.7.1");
  assert.deepEqual(kept.evidence, test1);
  assert.deepEqual([kept.by, kept.since, kept.times, kept.reason], ["ann", NOW, 1, "open relay"]);
});

const REFUSED: readonly (readonly [string, Parameters<typeof tryList>[2], RegExp])[] = [
  ["10.0.0.1", {}, /10\.0\.0\.1 cannot be listed: it has addresses of 10\.0\.0\.0\/8/],
  ["5.6.7.1", { reason: " " }, /the reason/],
  ["5.6.7.1", { reason: "a\nb" }, /the reason/],
  ["5.6.7.1", { reason: "x".repeat(251) }, /the reason/],
  ["5.6.7.1", { until: NOW }, /not in the future/],
  ["5.6.7.1", { until: NOW + 366 * DAY }, /more than 365 days away/],
  ["5.6.7.1", { code: "127.0.0.1" }, /the code 127\.0\.0\.1/],
  ["5.6.7.1", { code: "10.0.0.2" }, /the code/],
  ["5.6.7.1", { code: "127.255.255.254" }, /the code/],
  ["example.org", {}, /expected an address or a block/],
];

for (const [text, more, expected] of REFUSED)
  test(`${text} with ${JSON.stringify(more)} is not listed`, async (t) => {
    const site = await openLists(t);
    assert.match(reason(await tryList(site, text, more)), expected);
    assert.deepEqual([listed(site), site.published.revision()], [[], 0]);
  });

test("who is listed again is renewed; who comes back is counted", async (t) => {
  const site = await openLists(t);
  await list(site, "5.6.7.1");
  site.at += DAY;
  await list(site, "5.6.7.1", { reason: "still" });
  assert.equal((await site.published.changes({ limit: 1 }))[0]?.action, "renew");
  const renewed = entry(site, "5.6.7.1");
  assert.deepEqual([renewed.since, renewed.until, renewed.times], [NOW, NOW + 91 * DAY, 1]);
  await remove(site, "5.6.7.1");
  site.at += DAY;
  await list(site, "5.6.7.1");
  const again = entry(site, "5.6.7.1");
  assert.deepEqual([again.since, again.times], [NOW + 2 * DAY, 2]);
  site.at = again.until; // over, and not removed yet
  await list(site, "5.6.7.1");
  assert.deepEqual([entry(site, "5.6.7.1").since, entry(site, "5.6.7.1").times], [site.at, 3]);
});

test("a name with a dot before it is itself and all below it, in one change", async (t) => {
  const site = await openLists(t);
  const id = await list(site, ".evil.example", { zone: site.names });
  assert.deepEqual(listed(site, site.names), ["*.evil.example", "evil.example"]);
  const removed = await remove(site, ".evil.example");
  assert.ok(typeof removed !== "string");
  assert.deepEqual(removed.map((one) => one.subjects), [["evil.example", "*.evil.example"]]); // prettier-ignore
  assert.ok(id > 0);
});

test("who is in no entry of his own is told which one he is in", async (t) => {
  const site = await openLists(t);
  await list(site, "5.6.7.0/24");
  assert.equal(
    await remove(site, "5.6.7.8"),
    "5.6.7.8 is no entry of relays.bl.example.org, but 5.6.7.0/24 is, which it is in",
  );
  assert.equal(await remove(site, "5.6.8.8"), "5.6.8.8 is no entry of relays.bl.example.org");
  assert.match(reason(await remove(site, "a..b")), /expected a name/);
});

test("what is shown is the narrowest entry, those around it, and what was", async (t) => {
  const site = await openLists(t);
  await list(site, "5.6.7.0/24", { reason: "all" });
  await list(site, "5.6.7.8", { reason: "one", until: NOW + DAY });
  const shown = async () => {
    const all = await standings(site, "5.6.7.8");
    assert.ok(typeof all !== "string");
    return all.map((one) => [one.entry?.reason, one.around.map((wide) => wide.reason), one.history.map(({ action }) => action)]); // prettier-ignore
  };
  assert.deepEqual(await shown(), [["one", ["all"], ["add"]]]);
  site.at += DAY;
  assert.deepEqual(await shown(), [["all", [], ["add"]]]);
  await site.published.expire(site.at);
  assert.deepEqual(await shown(), [["all", [], ["expire", "add"]]]);
});

test("each change is taken back by a new one, once", async (t) => {
  const site = await openLists(t);
  const added = await list(site, "5.6.7.1");
  const undone = await undo(site, added);
  assert.equal(typeof undone, "number");
  assert.deepEqual(listed(site), []);
  assert.match(reason(await undo(site, added)), /taken back already, by change/);
  assert.equal(typeof (await undo(site, Number(undone))), "number");
  const before = entry(site, "5.6.7.1");
  site.at += 1000;
  const renewed = await list(site, "5.6.7.1", { reason: "other" });
  await undo(site, renewed);
  const { change: _a, ...now } = entry(site, "5.6.7.1");
  const { change: _b, ...then } = before;
  assert.deepEqual(now, then);
  const removed = await remove(site, "5.6.7.1");
  assert.ok(typeof removed !== "string");
  await undo(site, removed[0]?.id ?? 0);
  assert.deepEqual(listed(site), ["5.6.7.1"]);
  assert.match(reason(await undo(site, 999)), /there is no change 999/);
});

test("nothing is taken back over a later change, nor past a guard, nor past its end", async (t) => {
  const site = await openLists(t);
  const added = await list(site, "5.6.7.1");
  await list(site, "5.6.7.1", { reason: "newer" });
  assert.match(reason(await undo(site, added)), /5\.6\.7\.1 was changed again since/);
  assert.equal(entry(site, "5.6.7.1").reason, "newer");
  const removed = await remove(site, "5.6.7.1");
  assert.ok(typeof removed !== "string");
  const id = removed[0]?.id ?? 0;
  const subject = entryLike("5.6.7.1");
  const guarded = { ...site, rules: { ...site.rules, protected: [{ subject, whose: "mine" }] } };
  assert.match(
    reason(await undoChange(guarded, id, "bob")),
    /is protected: mine; nothing was done/,
  );
  site.at += 100 * DAY;
  const late = await undoChange(site, id, "bob");
  assert.ok(typeof late !== "string");
  assert.deepEqual([late.over, late.back, listed(site)], [1, 0, []]);
});

function entryLike(text: string) {
  return { kind: "v4", text, block: { first: 0x05060701, last: 0x05060701, address: 0x05060701, bits: 32 } } as const; // prettier-ignore
}

test("a retired zone is empty and takes nothing more; it can be taken back whole", async (t) => {
  const site = await openLists(t);
  await list(site, "5.6.7.1");
  await list(site, "5.6.7.0/24");
  await list(site, "evil.example", { zone: site.names });
  const retired = await retireZone(site, site.relays, { by: "ann", why: "the end" });
  assert.ok(typeof retired !== "string");
  assert.equal(retired.removed, 2);
  assert.deepEqual([listed(site), listed(site, site.names)], [[], ["evil.example"]]);
  assert.equal(site.published.zone(site.relays.zone).retiredAt, NOW);
  assert.equal(await tryList(site, "5.6.7.1"), "relays.bl.example.org is retired: it lists nobody any more"); // prettier-ignore
  assert.match(reason(await retireZone(site, site.relays, { by: "ann", why: "" })), /retired already/); // prettier-ignore
  const back = await undo(site, retired.id);
  assert.deepEqual(listed(site), ["5.6.7.0/24", "5.6.7.1"]);
  assert.equal(site.published.zone(site.relays.zone).retiredAt, undefined);
  assert.match(reason(await undo(site, Number(back))), /retire it again/);
});

test("too many listings by themselves pull the brake, until a person lets it go", async (t) => {
  const site = await openLists(t, { burst: 3 });
  const pipeline = { origin: "pipeline", by: "gatepost" } as const;
  for (const last of [1, 2, 3]) await list(site, `5.6.7.${last}`, pipeline);
  site.at += 1000;
  const held = await tryList(site, "5.6.7.4", pipeline);
  const why = "4 listings within an hour; listing.burst allows 3";
  assert.deepEqual(held, { kind: "held", why });
  assert.equal(listed(site).length, 3);
  site.at += 2 * DAY; // it does not go by itself
  assert.deepEqual(await tryList(site, "5.6.7.4", pipeline), { kind: "held", why });
  assert.deepEqual(brakes(site).map(({ pulled }) => pulled?.why), [why, undefined]); // prettier-ignore
  await list(site, "evil.example", { ...pipeline, zone: site.names }); // another zone
  await list(site, "5.6.7.5"); // a person
  assert.ok(typeof (await remove(site, "5.6.7.5", "pipeline")) !== "string"); // a removal
  const released = await releaseBrakes(site, site.settings.zone, { by: "ann", why: "right" });
  assert.deepEqual(released, ["relays.bl.example.org"]);
  await list(site, "5.6.7.4", pipeline);
  assert.equal(await releaseBrakes(site, site.settings.zone, { by: "ann", why: "" }), "no brake is pulled"); // prettier-ignore
});

test("a zone that grows too fast in a day pulls the brake too", async (t) => {
  const site = await openLists(t, { burst: 10, growth_percent: 20 });
  for (const block of ["5.6.7.0/24", "5.6.8.0/24"]) await list(site, block);
  site.at += 2 * DAY;
  const pipeline = { origin: "pipeline", by: "gatepost" } as const;
  await list(site, "5.7.0.0/26", pipeline);
  const held = await tryList(site, "5.7.1.0/26", pipeline);
  assert.ok(typeof held !== "string" && held.kind === "held");
  assert.match(held.why, /would grow by 128 within a day, from 512 of a day ago; allowed are 102/);
});

test("a zone is found by its name or its first labels", async (t) => {
  const site = await openLists(t);
  for (const name of ["relays", "relays.bl", "Relays.BL.example.org."])
    assert.equal(zoneNamed(site, name), site.relays);
  assert.match(reason(zoneNamed(site, "rel")), /there is no zone rel; expected one of relays\.bl/);
  assert.match(reason(zoneNamed({ settings: { ...site.settings, zone: [] } }, "x")), /listing\.zone/); // prettier-ignore
});

test("figures tell size, evidence, and what has changed", async (t) => {
  const site = await openLists(t);
  await list(site, "5.6.7.0/24", { evidence: { kind: "sample", sha256: SHA } });
  site.at += 3 * DAY;
  await list(site, "5.6.8.1");
  await remove(site, "5.6.7.0/24");
  const [relays] = await zoneFigures(site);
  assert.deepEqual([relays?.entries, relays?.size, [...(relays?.evidence ?? [])]], [1, 1, [["note", 1]]]); // prettier-ignore
  assert.deepEqual([relays?.day.listed, relays?.day.removed, relays?.week.listed], [1, 1, 2]);
});
