/** The journal: found by session, address and ip, folded, and forgotten in time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionRecord, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { addMailbox, deposit, openSite, record } from "./site.ts";

const HOUR_MS = 3_600_000;
const ALL = { kind: "ip", ip: "192.0.2.1", limit: 10_000 } as const;

export function journalCases(engine: Engine): void {
  findCases(engine);
  pageCases(engine);
  foldCases(engine);
  pruneCases(engine);
}

function findCases(engine: Engine): void {
  test("a note is found by its session, each of its addresses and its ip", async (t) => {
    const { store } = await openSite(t, engine);
    const note = record({ ip: "2001:db8::1", addresses: ["a@example.org", "b@example.net"] });
    store.journal.note(note);
    const stored = [{ ...note, count: 1, lastAt: note.at }];
    const { session } = note;
    assert.deepEqual(await store.journal.find({ kind: "session", session }), stored);
    for (const address of note.addresses)
      assert.deepEqual(await store.journal.find({ kind: "address", address, limit: 5 }), stored);
    const byIp = { kind: "ip", ip: "2001:db8::1", limit: 5 } as const;
    assert.deepEqual(await store.journal.find(byIp), stored);
  });

  test("what nobody noted is not found", async (t) => {
    const { store } = await openSite(t, engine);
    assert.deepEqual(await store.journal.find(ALL), []);
    store.journal.note(record({ ip: "192.0.2.9" }));
    assert.deepEqual(await store.journal.find(ALL), []);
  });

  test("the last recorded comes first, and no more come than were asked for", async (t) => {
    const { store } = await openSite(t, engine);
    for (let at = 1; at <= 5; at++) store.journal.note(record({ at }));
    assert.deepEqual(await times(store), [5, 4, 3, 2, 1]);
    const three = await store.journal.find({ ...ALL, limit: 3 });
    assert.deepEqual(
      three.map(({ at }) => at),
      [5, 4, 3],
    );
  });

  test("a note is kept over a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    store.journal.note(record({ at: 7 }));
    await site.close(store);
    assert.deepEqual(await times(await site.open("server")), [7]);
  });

  test("a note is there for a command beside the server once something else was written", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    store.journal.note(record({ at: 7 }));
    await deposit(store, [ann], "x", { record: record({ at: 8 }) });
    assert.deepEqual((await times(await site.open("command"))).toSorted(ascending), [7, 8]);
  });

  test("10,000 notes of many strangers are found among one another", async (t) => {
    const { store } = await openSite(t, engine);
    const count = 10_000;
    for (let at = 0; at < count; at++)
      store.journal.note(
        record({ at, ip: `198.51.100.${at % 250}`, addresses: [`u${at}@x.example`] }),
      );
    const query = { kind: "address", address: "u1234@x.example", limit: 5 } as const;
    const found = await store.journal.find(query);
    assert.deepEqual(
      found.map(({ at }) => at),
      [1234],
    );
    const byIp = await store.journal.find({ kind: "ip", ip: "198.51.100.0", limit: count });
    assert.equal(byIp.length, count / 250);
    assert.ok(byIp.every(({ at }, i) => at === count - 250 * (i + 1)));
  });
}

function pageCases(engine: Engine): void {
  test("all since a moment is read page by page, in the order in which it was written", async (t) => {
    const { store } = await openSite(t, engine);
    for (const at of [1, 5 * HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 3 * HOUR_MS])
      store.journal.note(record({ at }));
    const pages: number[][] = [];
    let after: number | undefined;
    do {
      const page = await store.journal.page(3 * HOUR_MS, 2, after);
      pages.push(page.records.map(({ at }) => at / HOUR_MS));
      after = page.next;
    } while (after !== undefined);
    assert.deepEqual(pages, [[5, 6], [3]]);
    assert.deepEqual(await store.journal.page(7 * HOUR_MS, 2), { records: [] });
  });

  test("a row counts by the last session that was folded into it", async (t) => {
    const { store } = await openSite(t, engine);
    store.journal.note(record({ at: HOUR_MS, fold: "knock" }));
    assert.equal((await store.journal.page(0, 10)).records.length, 1);
    store.journal.note(record({ at: HOUR_MS + 500, fold: "knock" }));
    const { records } = await store.journal.page(HOUR_MS + 500, 10);
    assert.deepEqual(
      records.map(({ count, lastAt }) => [count, lastAt]),
      [[2, HOUR_MS + 500]],
    );
  });

  test("an empty journal has an empty page", async (t) => {
    const { store } = await openSite(t, engine);
    assert.deepEqual(await store.journal.page(0, 10), { records: [] });
  });
}

function foldCases(engine: Engine): void {
  test("notes with the same fold key become one row with a count", async (t) => {
    const { store } = await openSite(t, engine);
    const first = record({ at: 1000, fold: "knock" });
    store.journal.note(first);
    store.journal.note(record({ at: 2000, fold: "knock" }));
    store.journal.note(record({ at: 3000, fold: "knock" }));
    assert.deepEqual(await store.journal.find(ALL), [{ ...first, count: 3, lastAt: 3000 }]);
  });

  test("they do so also when the first of them was written long since", async (t) => {
    const { store } = await openSite(t, engine);
    const first = record({ at: 1000, fold: "knock" });
    store.journal.note(first);
    assert.equal((await store.journal.find(ALL)).length, 1);
    store.journal.note(record({ at: 2000, fold: "knock" }));
    store.journal.note(record({ at: 3000, fold: "knock" }));
    assert.deepEqual(await store.journal.find(ALL), [{ ...first, count: 3, lastAt: 3000 }]);
  });

  test("other fold keys, and records without one, keep rows of their own", async (t) => {
    const { store } = await openSite(t, engine);
    for (const fold of ["a", "b", "a"]) store.journal.note(record({ fold }));
    store.journal.note(record());
    store.journal.note(record());
    const found = await store.journal.find(ALL);
    assert.deepEqual(found.map(({ count }) => count).toSorted(ascending), [1, 1, 1, 2]);
  });

  for (const when of ["waiting", "written"] as const)
    test(`after an hour a new row begins, the first one ${when === "written" ? "written already" : "waiting still"}`, async (t) => {
      const { store } = await openSite(t, engine);
      for (const at of [0, HOUR_MS, HOUR_MS + 1]) {
        store.journal.note(record({ at, fold: "knock" }));
        if (when === "written") await store.journal.find(ALL);
      }
      const found = await store.journal.find(ALL);
      assert.deepEqual(
        found.map(({ at, count }) => ({ at, count })),
        [
          { at: HOUR_MS + 1, count: 1 },
          { at: 0, count: 2 },
        ],
      );
    });

  test("a record that comes with a message is never folded away", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    for (let at = 1; at <= 2; at++) await deposit(store, [ann], "x", { record: record({ at }) });
    assert.deepEqual(await times(store), [2, 1]);
  });

  test("a fold key does not revive a row that was forgotten", async (t) => {
    const { store } = await openSite(t, engine);
    store.journal.note(record({ at: 1000, fold: "knock" }));
    await store.journal.find(ALL);
    await store.journal.prune(1500, Infinity);
    const later = record({ at: 2000, fold: "knock" });
    store.journal.note(later);
    assert.deepEqual(await store.journal.find(ALL), [{ ...later, count: 1, lastAt: 2000 }]);
  });
}

function pruneCases(engine: Engine): void {
  test("what is too old is forgotten, under all of its keys", async (t) => {
    const { store } = await openSite(t, engine);
    const old = record({ at: 1 });
    noteAll(store, [old, record({ at: 2 }), record({ at: 3 })]);
    await store.journal.prune(3, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(await times(store), [3]);
    const { session } = old;
    assert.deepEqual(await store.journal.find({ kind: "session", session }), []);
  });

  test("the oldest are forgotten until the rest is small enough", async (t) => {
    const { store } = await openSite(t, engine);
    const json = `"${"x".repeat(98)}"`;
    noteAll(
      store,
      [1, 2, 3, 4, 5].map((at) => record({ at, json })),
    );
    await store.journal.prune(0, 500);
    assert.deepEqual(await times(store), [5, 4, 3, 2, 1]);
    await store.journal.prune(0, 299);
    assert.deepEqual(await times(store), [5, 4]);
  });

  test("for room the first go, also where the clock was ahead when they came", async (t) => {
    const { store } = await openSite(t, engine);
    const json = `"${"x".repeat(98)}"`;
    const day = 24 * HOUR_MS;
    noteAll(
      store,
      [day + 1, day + 2, 3, 4, 5].map((at) => record({ at, json })),
    );
    await store.journal.prune(0, 300);
    assert.deepEqual(await times(store), [5, 4, 3]);
  });

  test("size is counted in octets, also after earlier prunings", async (t) => {
    const { store } = await openSite(t, engine);
    const json = `"${"ü".repeat(49)}"`; // 100 octets, 51 characters
    for (let round = 0; round < 3; round++) {
      noteAll(
        store,
        [1, 2, 3].map((at) => record({ at: 10 * round + at, json })),
      );
      await store.journal.prune(0, 200);
      assert.deepEqual(await times(store), [10 * round + 3, 10 * round + 2]);
    }
  });

  test("age counts, not the order in which records came", async (t) => {
    const { store } = await openSite(t, engine);
    noteAll(
      store,
      [30, 10, 20].map((at) => record({ at })),
    );
    await store.journal.prune(25, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(await times(store), [30]);
  });

  test("a new record is not found under the words of one that was forgotten", async (t) => {
    const { store } = await openSite(t, engine);
    const gone = record({ at: 10, addresses: ["gone@x.example"], ip: "192.0.2.66" });
    noteAll(store, [record({ at: 30 }), gone]);
    await store.journal.prune(25, Number.MAX_SAFE_INTEGER);
    noteAll(store, [record({ at: 40 })]);
    assert.deepEqual(await times(store), [40, 30]);
    const { session, ip } = gone;
    for (const query of [
      { kind: "session", session },
      { kind: "address", address: "gone@x.example", limit: 5 },
      { kind: "ip", ip, limit: 5 },
    ] as const)
      assert.deepEqual(await store.journal.find(query), [], query.kind);
  });

  test("everything may be forgotten, and new records are found afterwards", async (t) => {
    const { store } = await openSite(t, engine);
    const gone = record({ at: 1, addresses: ["gone@x.example"] });
    noteAll(store, [gone]);
    await store.journal.prune(5, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(await times(store), []);
    noteAll(store, [record({ at: 9, addresses: ["new@x.example"] })]);
    assert.deepEqual(await times(store), [9]);
    const query = { kind: "address", address: "gone@x.example", limit: 5 } as const;
    assert.deepEqual(await store.journal.find(query), []);
  });

  test("many thousands are forgotten in one call", async (t) => {
    const { store } = await openSite(t, engine);
    noteAll(
      store,
      Array.from({ length: 5000 }, (_, at) => record({ at })),
    );
    await store.journal.find({ ...ALL, limit: 1 });
    await store.journal.prune(4990, Number.MAX_SAFE_INTEGER);
    assert.equal((await times(store)).length, 10);
  });
}

function noteAll(store: Store, records: readonly SessionRecord[]): void {
  for (const one of records) store.journal.note(one);
}

/** When the records of 192.0.2.1 were, as they are found. */
async function times(store: Store): Promise<readonly number[]> {
  return (await store.journal.find(ALL)).map(({ at }) => at);
}

function ascending(a: number, b: number): number {
  return a - b;
}
