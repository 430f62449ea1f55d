/** How well lists are: one a list, the last one kept, also over a restart and for a command beside the server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "./engine.ts";
import { openSite } from "./site.ts";

const ZEN = { list: "Zen", at: 1000, json: '{"state":"well"}' };
const DBL = { list: "Dbl", at: 1001, json: "[]" };

export function listHealthCases(engine: Engine): void {
  test("health is found as it was kept, and the next one takes its place", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const { listHealth } = store;
    assert.deepEqual(listHealth.all(), []);
    await listHealth.keep([ZEN, DBL]);
    assert.deepEqual(listHealth.all(), [DBL, ZEN]);
    const later = { ...ZEN, at: 2000, json: '{"state":"sick"}' };
    await listHealth.keep([later]);
    assert.deepEqual(listHealth.all(), [DBL, later]);
  });

  test("lists that are no more are forgotten", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const { listHealth } = store;
    await listHealth.keep([ZEN, DBL]);
    await listHealth.retain(["Zen", "new"]);
    assert.deepEqual(listHealth.all(), [ZEN]);
    await listHealth.retain([]);
    assert.deepEqual(listHealth.all(), []);
  });

  test("health is there after a restart, and for a command beside the server", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    await store.listHealth.keep([ZEN]);
    const command = await site.open("command");
    assert.deepEqual(command.listHealth.all(), [ZEN]);
    await site.close(command);
    await site.close(store);
    assert.deepEqual((await site.open("server")).listHealth.all(), [ZEN]);
  });
}
