/** Published lists: entries change whole or not at all, each change is recorded, and all of it is seen by other processes at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Published, PublishedEdit, PublishedFacts } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { openSite } from "./site.ts";

const ZONE = "relays.example.org";

function facts(parts: Partial<PublishedFacts> = {}): PublishedFacts {
  return {
    reason: "open relay",
    kind: "note",
    evidence: '{"kind":"note","text":"seen"}',
    by: "ann",
    since: 1000,
    until: 9000,
    times: 1,
    weight: 1,
    ...parts,
  };
}

function edit(parts: PublishedEdit["parts"], more: Partial<PublishedEdit> = {}): PublishedEdit {
  return {
    zone: ZONE,
    at: 1000,
    by: "ann",
    origin: "person",
    action: "add",
    why: "because",
    parts,
    ...more,
  };
}

async function made(published: Published, wanted: PublishedEdit): Promise<number> {
  const result = await published.apply(wanted);
  assert.ok(result.kind === "changed", `conflict about ${JSON.stringify(result)}`);
  return result.id;
}

/** Lists these, a change each. */
async function listed(published: Published, ...names: readonly string[]): Promise<void> {
  for (const subject of names) await made(published, edit([{ subject, seen: 0, after: facts() }]));
}

function subjects(published: Published, page: Partial<{ after: string; limit: number }> = {}) {
  return published.entries(ZONE, { limit: 100, ...page }).map(({ subject }) => subject);
}

export function publishedCases(engine: Engine): void {
  entryCases(engine);
  stateCases(engine);
  recordCases(engine);
  endCases(engine);
}

function entryCases(engine: Engine): void {
  test("an entry is found as it was made, also by others and after a restart", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const { published } = store;
    const command = await site.open("command");
    assert.deepEqual([published.revision(), command.published.revision()], [0, 0]);
    const after = facts({ code: "127.0.0.4", weight: 256 });
    const id = await made(published, edit([{ subject: "192.0.2.0/24", seen: 0, after }]));
    const entry = { zone: ZONE, subject: "192.0.2.0/24", change: id, ...after };
    for (const one of [published, command.published]) {
      assert.deepEqual(one.find(ZONE, "192.0.2.0/24"), entry);
      assert.equal(one.find("other.example.org", "192.0.2.0/24"), undefined);
      assert.equal(one.revision(), id);
    }
    await site.close(command);
    await site.close(store);
    assert.deepEqual((await site.open("server")).published.find(ZONE, "192.0.2.0/24"), entry);
  });

  test("what a command changes the server sees at once", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const command = (await site.open("command")).published;
    await listed(command, "192.0.2.1");
    const first = store.published.revision();
    assert.deepEqual(subjects(store.published), ["192.0.2.1"]);
    await listed(command, "192.0.2.2");
    assert.ok(store.published.revision() > first, "the revision has not grown");
  });

  test("entries are read page by page in the order of their subjects, of one zone alone", async (t) => {
    const { published } = (await openSite(t, engine, "server")).store;
    await listed(published, "c", "a", "b");
    const other = edit([{ subject: "d", seen: 0, after: facts() }], { zone: "other.example.org" });
    await made(published, other);
    assert.deepEqual(subjects(published, { limit: 2 }), ["a", "b"]);
    assert.deepEqual(subjects(published, { after: "b" }), ["c"]);
  });

  test("whoever has seen another entry than there is changes nothing", async (t) => {
    const { published } = (await openSite(t, engine, "server")).store;
    const one = (seen: number) => ({ subject: "192.0.2.1", seen, after: facts({ times: 2 }) });
    const id = await made(published, edit([{ subject: "192.0.2.1", seen: 0, after: facts() }]));
    const fits = { subject: "192.0.2.2", seen: 0, after: facts() };
    for (const seen of [0, id + 1]) {
      const result = await published.apply(edit([fits, one(seen)]));
      assert.deepEqual(result, { kind: "conflict", subject: "192.0.2.1" });
    }
    const gone = await published.apply(edit([{ subject: "192.0.2.3", seen: id }]));
    assert.deepEqual(gone, { kind: "conflict", subject: "192.0.2.3" });
    assert.deepEqual([subjects(published), published.revision()], [["192.0.2.1"], id]);
    await made(published, edit([one(id)]));
    assert.equal(published.find(ZONE, "192.0.2.1")?.times, 2);
  });

  test("figures and growth are those of the zone, and of who made it", async (t) => {
    const { published } = (await openSite(t, engine, "server")).store;
    const none = { listed: 0, removed: 0, weight: 0 };
    assert.deepEqual(await published.figures(ZONE), { entries: 0, weight: 0 });
    assert.deepEqual(published.grown(ZONE, 0), none);
    const wide = facts({ weight: 16, until: 5000, kind: "test" });
    const id = await made(published, edit([{ subject: "a", seen: 0, after: wide }]));
    const more = edit([{ subject: "b", seen: 0, after: facts() }], {
      at: 2000,
      origin: "pipeline",
    });
    await made(published, more);
    await made(published, edit([{ subject: "a", seen: id }], { at: 3000 }));
    await listed(published, "c");
    assert.deepEqual(await published.figures(ZONE), { entries: 2, weight: 2, firstEnd: 9000, lastEnd: 9000 }); // prettier-ignore
    assert.deepEqual([...(await published.kinds(ZONE))], [["note", 2]]);
    assert.deepEqual(published.grown(ZONE, 0), { listed: 3, removed: 1, weight: 2 });
    assert.deepEqual(published.grown(ZONE, 2000), { listed: 1, removed: 1, weight: -15 });
    assert.deepEqual(published.grown(ZONE, 0, "pipeline"), { listed: 1, removed: 0, weight: 1 });
    assert.deepEqual(published.grown("other.example.org", 0), none);
  });
}

function stateCases(engine: Engine): void {
  test("a zone's brake and end are changes like others, and stay", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const { published } = store;
    assert.deepEqual(published.zone(ZONE), { zone: ZONE, serial: 0 });
    await made(published, edit([], { action: "brake", at: 7, state: { brake: "too many" } }));
    const pulled = { zone: ZONE, serial: 0, brake: { at: 7, why: "too many" } };
    assert.deepEqual(published.zone(ZONE), pulled);
    await made(published, edit([], { action: "retire", at: 8, state: { retired: true } }));
    assert.deepEqual(published.zone(ZONE), { ...pulled, retiredAt: 8 });
    await made(published, edit([], { action: "release", state: { brake: null } }));
    await site.close(store);
    const again = (await site.open("server")).published;
    assert.deepEqual(again.zone(ZONE), { zone: ZONE, serial: 0, retiredAt: 8 });
    await made(again, edit([], { action: "undo", state: { retired: false } }));
    assert.deepEqual(again.zone(ZONE), { zone: ZONE, serial: 0 });
  });

  test("serials are seconds, and never the same or smaller", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const { published } = store;
    const given: number[] = [];
    for (const now of [5_000_000, 5_000_999, 4_000_000, 9_000_000])
      given.push(await published.nextSerial(ZONE, now));
    assert.deepEqual(given, [5000, 5001, 5002, 9000]);
    assert.equal(await published.nextSerial("other.example.org", 1_000_000), 1000);
    await site.close(store);
    assert.equal((await site.open("server")).published.zone(ZONE).serial, 9000);
  });
}

function recordCases(engine: Engine): void {
  test("a change's record has all that it touched, before and after", async (t) => {
    const { published } = (await openSite(t, engine, "server")).store;
    const id = await made(published, edit([{ subject: "a", seen: 0, after: facts() }]));
    const renewed = facts({ until: 10_000 });
    const parts = [
      { subject: "b", seen: 0, after: facts() },
      { subject: "a", seen: id, after: renewed },
    ];
    const second = await made(published, edit(parts, { at: 2000, action: "import" }));
    const third = edit([{ subject: "a", seen: second, after: facts() }, { subject: "b", seen: second }], { at: 3000, action: "undo", undoes: second }); // prettier-ignore
    const undone = await made(published, third);
    assert.deepEqual(await published.parts(second, { limit: 10 }), [
      { subject: "a", before: facts(), after: renewed },
      { subject: "b", after: facts() },
    ]);
    assert.deepEqual(await published.parts(second, { after: "a", limit: 1 }), [
      { subject: "b", after: facts() },
    ]);
    const record = { zone: ZONE, at: 2000, by: "ann", origin: "person", why: "because" } as const;
    assert.deepEqual(await published.change(second), {
      ...record,
      id: second,
      action: "import",
      undoneBy: undone,
      parts: 2,
      listed: 1,
      removed: 0,
    });
    assert.equal((await published.change(undone))?.undoes, second);
    assert.equal(await published.change(undone + 1), undefined);
    const history = await published.history(ZONE, "a", 10);
    assert.deepEqual(history.map((one) => [one.id, one.before?.until, one.after?.until]), [
      [undone, 10_000, 9000],
      [second, 9000, 10_000],
      [id, undefined, 9000],
    ]); // prettier-ignore
    assert.deepEqual(await published.history("other.example.org", "a", 10), []);
  });

  test("the latest change comes first, page by page, of one zone or of all", async (t) => {
    const { published } = (await openSite(t, engine, "server")).store;
    await listed(published, "a", "b", "c");
    const other = edit([{ subject: "d", seen: 0, after: facts() }], { zone: "other.example.org" });
    const last = await made(published, other);
    const ids = async (query: Partial<Parameters<Published["changes"]>[0]>) =>
      (await published.changes({ limit: 10, ...query })).map(({ id }) => last - id);
    assert.deepEqual(await ids({ limit: 2 }), [0, 1]);
    assert.deepEqual(await ids({ before: last - 1 }), [2, 3]);
    assert.deepEqual(await ids({ zone: ZONE }), [1, 2, 3]);
    assert.deepEqual(await ids({ zone: "other.example.org" }), [0]);
  });

  test("old records are forgotten; entries and the revision stay", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const { published } = store;
    const many = Array.from({ length: 1200 }, (_, i) => ({ subject: `s${i}`, seen: 0, after: facts() })); // prettier-ignore
    const first = await made(published, edit(many, { at: 1000 }));
    await made(published, edit([{ subject: "late", seen: 0, after: facts() }], { at: 2000 }));
    const revision = published.revision();
    await published.prune(2000);
    assert.deepEqual((await published.changes({ limit: 10 })).map(({ at }) => at), [2000]); // prettier-ignore
    assert.deepEqual(await published.parts(first, { limit: 10 }), []);
    await published.prune(3000);
    assert.deepEqual(await published.changes({ limit: 10 }), []);
    assert.equal((await published.figures(ZONE)).entries, 1201);
    await site.close(store);
    const again = (await site.open("server")).published;
    assert.equal(again.revision(), revision);
    await listed(again, "new");
    assert.ok(again.revision() > revision, "a number was given twice");
  });
}

function endCases(engine: Engine): void {
  test("what has ended is removed in all zones, with a record, and nothing else is", async (t) => {
    const { published } = (await openSite(t, engine, "server")).store;
    const many = Array.from({ length: 700 }, (_, i) => ({ subject: `s${i}`, seen: 0, after: facts({ until: 2000 }) })); // prettier-ignore
    await made(published, edit(many));
    await made(published, edit([{ subject: "stays", seen: 0, after: facts({ until: 2001 }) }]));
    const other = { zone: "other.example.org" };
    await made(
      published,
      edit([{ subject: "over", seen: 0, after: facts({ until: 1500 }) }], other),
    );
    await published.expire(2000);
    assert.deepEqual(subjects(published), ["stays"]);
    assert.deepEqual(await published.figures(other.zone), { entries: 0, weight: 0 });
    const [last] = await published.history(ZONE, "s3", 1);
    assert.ok(last !== undefined);
    const { action, origin, by, before, after } = last;
    assert.deepEqual({ action, origin, by, after }, { action: "expire", origin: "time", by: "gatepost", after: undefined }); // prettier-ignore
    assert.equal(before?.until, 2000);
    const revision = published.revision();
    await published.expire(2000);
    assert.equal(published.revision(), revision, "a change of nothing");
  });
}
