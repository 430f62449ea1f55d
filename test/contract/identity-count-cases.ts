/** How well it was known who wrote to us: summed up by domain and level, forgotten by day, bounded in number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Domain, IdentityLevel } from "../../src/mail/index.ts";
import { IDENTITY_ROWS_PER_DAY, type IdentityCount, type Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { domainOf, openSite } from "./site.ts";

const DAY_MS = 86_400_000;
const DAY = 20_000;
const ONE = domainOf("one.example");
const OTHER = domainOf("other.example");

function note(store: Store, domain: Domain | "", level: IdentityLevel, day = DAY): void {
  store.identityCounts.note({ at: day * DAY_MS + 1, domain, level });
}

function words(counts: readonly IdentityCount[]): readonly string[] {
  return counts.map(({ domain, level, messages }) => `${domain ?? "others"} ${level} ${messages}`);
}

export function identityCountCases(engine: Engine): void {
  test("messages are counted by domain and level, what was noted just now among them", async (t) => {
    const { store } = await openSite(t, engine, "server");
    assert.deepEqual(await store.identityCounts.since(0), []);
    for (const level of ["none", "aligned", "none"] as const) note(store, ONE, level);
    note(store, "", "none");
    note(store, OTHER, "pinned");
    assert.deepEqual(words(await store.identityCounts.since(DAY)), [
      " none 1",
      "one.example aligned 1",
      "one.example none 2",
      "other.example pinned 1",
    ]);
    note(store, ONE, "none", DAY + 1);
    assert.deepEqual(words(await store.identityCounts.since(DAY)).at(2), "one.example none 3");
    assert.deepEqual(words(await store.identityCounts.since(DAY + 1)), ["one.example none 1"]);
  });

  test("days before are forgotten", async (t) => {
    const { store } = await openSite(t, engine, "server");
    for (let day = 0; day < 3; day++) note(store, ONE, "none", DAY + day);
    await store.identityCounts.since(0);
    await store.identityCounts.prune(DAY + 2);
    assert.deepEqual(words(await store.identityCounts.since(0)), ["one.example none 1"]);
  });

  test("beyond the day's number domains are counted together, and those that are known by themselves", async (t) => {
    const { store } = await openSite(t, engine, "server");
    note(store, ONE, "none");
    for (let i = 0; i < IDENTITY_ROWS_PER_DAY + 10; i++) {
      note(store, domainOf(`d${i}.example`), "none");
      if (i % 1000 === 999) await store.identityCounts.since(DAY);
    }
    await store.identityCounts.since(DAY);
    note(store, ONE, "none");
    const counts = await store.identityCounts.since(DAY);
    assert.equal(counts.find(({ domain }) => domain === ONE)?.messages, 2);
    assert.equal(counts.find(({ domain }) => domain === undefined)?.messages, 11);
  });
}
