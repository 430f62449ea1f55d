/** Questions about published lists: summed up by hour or day, of each hour the networks that asked most, forgotten by age. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListClient, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { openSite } from "./site.ts";

const HOUR_MS = 3_600_000;
/** The first one of a day. */
const HOUR = 20_000 * 24;
const ZONE = "bl.example.org";
const LIMIT = 3;

const asked = (store: Store, hour: number, outcome: string, questions: number, zone = ZONE) =>
  store.listQuestions.add({ at: hour * HOUR_MS + 7, zones: [{ zone, outcome, questions }] });

const client = (network: string, questions: number, listed = 0): ListClient => ({
  network,
  questions,
  listed,
});

const askedBy = (store: Store, hour: number, networks: readonly ListClient[], others = 0) =>
  store.listQuestions.add({ at: hour * HOUR_MS, zones: [], clients: { networks, others, limit: LIMIT } }); // prettier-ignore

async function words(store: Store, hour = 0, together = 1, zone?: string) {
  const rows = await store.listQuestions.since(hour, together, zone);
  return rows.map((row) => `${row.hour - HOUR} ${row.zone} ${row.outcome} ${row.questions}`);
}

export function listQuestionCases(engine: Engine): void {
  test("questions about lists are summed up by zone, outcome, and hour or day", async (t) => {
    const { store } = await openSite(t, engine, "server");
    assert.deepEqual(await words(store), []);
    await asked(store, HOUR + 23, "listed", 3);
    await asked(store, HOUR + 23, "listed", 2);
    await asked(store, HOUR + 1, "listed", 10);
    await asked(store, HOUR + 1, "refused", 1, "");
    await asked(store, HOUR + 24, "notListed", 7);
    assert.deepEqual(await words(store), [
      "1  refused 1",
      `1 ${ZONE} listed 10`,
      `23 ${ZONE} listed 5`,
      `24 ${ZONE} notListed 7`,
    ]);
    assert.deepEqual(await words(store, HOUR + 2, 24), [
      `0 ${ZONE} listed 5`,
      `24 ${ZONE} notListed 7`,
    ]);
    assert.deepEqual(await words(store, HOUR, 24, ZONE), [
      `0 ${ZONE} listed 15`,
      `24 ${ZONE} notListed 7`,
    ]);
  });

  test("of an hour the networks that asked most are kept, and the sum of the others", async (t) => {
    const { store } = await openSite(t, engine, "server");
    assert.deepEqual(await store.listQuestions.clients(0, 9), { networks: [], others: 0 });
    await askedBy(store, HOUR, [client("a", 5, 1), client("b", 2), client("c", 3)]);
    await askedBy(store, HOUR, [client("d", 4), client("a", 1, 1), client("e", 1)], 10);
    await askedBy(store, HOUR + 1, [client("b", 8)]);
    const all = { networks: [client("b", 8), client("a", 6, 2), client("d", 4), client("c", 3)] };
    assert.deepEqual(await store.listQuestions.clients(HOUR, 9), { ...all, others: 13 });
    assert.deepEqual(await store.listQuestions.clients(HOUR, 2), {
      networks: all.networks.slice(0, 2),
      others: 20,
    });
    const later = await store.listQuestions.clients(HOUR + 1, 9);
    assert.deepEqual(later, { networks: [client("b", 8)], others: 0 });
  });

  test("hours before are forgotten, of networks others than of zones, however many there are", async (t) => {
    const { store } = await openSite(t, engine, "server");
    for (const hour of [HOUR, HOUR + 1]) await asked(store, hour, "listed", 1);
    for (let i = 0; i < 6; i++)
      await store.listQuestions.add({
        at: (HOUR + i) * HOUR_MS,
        zones: [],
        clients: { networks: Array.from({ length: 200 }, (_, n) => client(`n${n}`, 1)), others: 0, limit: 200 }, // prettier-ignore
      });
    await store.listQuestions.prune(HOUR + 1, HOUR + 5);
    assert.deepEqual(await words(store), [`1 ${ZONE} listed 1`]);
    assert.deepEqual(await store.listQuestions.clients(0, 0), { networks: [], others: 200 });
  });
}
