/** What zones serve of the store's entries follows the store: only what has changed is read again, and nothing is missed. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { PublishedEntries } from "../../src/app/published-entries.ts";
import {
  removeEntry,
  SnapshotMaker,
  type EntriesSnapshot,
} from "../../src/operate/listing/index.ts";
import type { Published, PublishedEdit } from "../../src/store/index.ts";
import { DAY, list, NOW, openLists, SHA, type TestSite } from "../operate/listing/site.ts";

interface Rig {
  readonly site: TestSite;
  readonly entries: PublishedEntries;
  readonly maker: SnapshotMaker;
  /** Pages of whole zones that were read. */
  pages: number;
  /** Done once, when a subject is looked up. */
  meanwhile: (() => Promise<unknown>) | undefined;
}

async function open(t: TestContext): Promise<Rig> {
  const site = await openLists(t);
  const maker = new SnapshotMaker();
  t.after(() => maker.stop());
  const watched = new Proxy(site.published, {
    get(published, name: keyof Published) {
      if (name === "entries") rig.pages++;
      if (name === "parts")
        return async (...asked: Parameters<Published["parts"]>) => {
          const { meanwhile } = rig;
          rig.meanwhile = undefined;
          const parts = await published.parts(...asked);
          await meanwhile?.();
          return parts;
        };
      const member = published[name];
      return typeof member === "function" ? member.bind(published) : member;
    },
  });
  const entries = new PublishedEntries({
    published: watched,
    clock: { now: () => site.at },
    maker,
  });
  const rig: Rig = { site, entries, maker, pages: 0, meanwhile: undefined };
  return rig;
}

/** All addresses of IPv4. */
function listed({ dataset }: EntriesSnapshot): readonly number[] {
  const { firsts, lasts } = dataset.v4;
  return [...firsts].flatMap((first, row) =>
    Array.from({ length: (lasts[row] ?? 0) - first + 1 }, (_, i) => first + i),
  );
}

function addressOf(last: number): number {
  return 0x0909_0900 + last;
}

function imported(zone: string, count: number): PublishedEdit {
  const after = { reason: "bad", kind: "note", evidence: "{}", by: "ann", since: NOW, until: NOW + DAY, times: 1, weight: 1 }; // prettier-ignore
  const parts = Array.from({ length: count }, (_, i) => ({ subject: `8.8.${i >> 8}.${i & 255}`, seen: 0, after })); // prettier-ignore
  return { zone, at: NOW, by: "ann", origin: "person", action: "import", why: "", parts };
}

test("a zone without entries needs no thread, and is the same until it has one", async (t) => {
  const { site, entries, maker } = await open(t);
  const none = await entries.of(site.relays);
  assert.deepEqual(listed(none), []);
  assert.equal(await entries.of(site.relays), none);
  assert.equal(maker.knows(site.relays.zone), false);
  await list(site, "9.9.9.1");
  assert.deepEqual(listed(await entries.of(site.relays)), [addressOf(1)]);
});

test("of what was read once only what has changed is read again", async (t) => {
  const rig = await open(t);
  const { site, entries } = rig;
  await list(site, "9.9.9.1");
  await entries.of(site.relays);
  const read = rig.pages;
  await list(site, "9.9.9.3");
  await list(site, "9.9.9.2");
  const two = await entries.of(site.relays);
  assert.deepEqual(listed(two), [1, 2, 3].map(addressOf));
  assert.equal(await entries.of(site.relays), two);
  await removeEntry(site, {
    zone: site.relays,
    subject: "9.9.9.1",
    why: "",
    by: "ann",
    origin: "person",
  });
  assert.deepEqual(listed(await entries.of(site.relays)), [2, 3].map(addressOf));
  await list(site, "evil.example", { zone: site.names });
  await site.published.apply(imported(site.relays.zone, 2500));
  assert.equal(listed(await entries.of(site.relays)).length, 2502);
  assert.equal(rig.pages, read);
});

test("what comes while changes are read is in it, too", async (t) => {
  const rig = await open(t);
  const { site, entries } = rig;
  await list(site, "9.9.9.1");
  await entries.of(site.relays);
  await list(site, "9.9.9.2");
  rig.meanwhile = () => list(site, "9.9.9.3");
  assert.deepEqual(listed(await entries.of(site.relays)), [1, 2, 3].map(addressOf));
});

test("what is over is not served, removed from the store or not", async (t) => {
  const { site, entries } = await open(t);
  await list(site, "9.9.9.1", { evidence: { kind: "sample", sha256: SHA } });
  site.at = NOW + 8 * DAY;
  await list(site, "9.9.9.2");
  assert.deepEqual(listed(await entries.of(site.relays)), [addressOf(2)]);
  await list(site, "9.9.9.4", { evidence: { kind: "sample", sha256: SHA } });
  site.at = NOW + 16 * DAY;
  assert.deepEqual(listed(await entries.of(site.relays)), [addressOf(2)]);
  site.at = NOW + 120 * DAY;
  await list(site, "9.9.9.3");
  await site.published.expire(site.at);
  assert.deepEqual(listed(await entries.of(site.relays)), [addressOf(3)]);
});

test("another code, or a thread that broke, and all of it is read anew", async (t) => {
  const rig = await open(t);
  const { site, entries, maker } = rig;
  await list(site, "9.9.9.1");
  const before = await entries.of(site.relays);
  const other = await entries.of({ ...site.relays, code: "127.0.0.9" });
  assert.notEqual(other, before);
  assert.deepEqual([...other.dataset.values.codes], [0x7f00_0009]);
  const read = rig.pages;
  await maker.stop();
  await list(site, "9.9.9.2");
  assert.deepEqual(listed(await entries.of(site.relays)), [1, 2].map(addressOf));
  assert.ok(rig.pages > read);
});

test("of zones that are no more nothing is kept", async (t) => {
  const { site, entries, maker } = await open(t);
  await list(site, "9.9.9.1");
  await entries.of(site.relays);
  entries.keepOnly(new Set([site.names.zone]));
  assert.equal(maker.knows(site.relays.zone), false);
});
