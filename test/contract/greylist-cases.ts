/** What greylisting remembers: the first attempt counts, networks are noted again, both are forgotten by age and by number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GreylistBounds, GreylistTriplet, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { openSite } from "./site.ts";

const EVERYTHING: GreylistBounds = {
  attemptsSince: 0,
  networksSince: 0,
  attempts: 1_000_000,
  networks: 1_000_000,
};

const ONE = triplet("192.0.2.0/24");

function triplet(network: string, parts: Partial<GreylistTriplet> = {}): GreylistTriplet {
  return { network, sender: "one.example", recipient: "ann@example.org", ...parts };
}

/** What was noted is in the file then. */
function written({ greylist }: Store, bounds: Partial<GreylistBounds> = {}): Promise<void> {
  return greylist.prune({ ...EVERYTHING, ...bounds });
}

export function greylistCases(engine: Engine): void {
  noteCases(engine);
  boundCases(engine);
}

function noteCases(engine: Engine): void {
  test("the first attempt counts, until it is too old", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const { greylist } = store;
    const note = async (at: number, since: number): Promise<void> => {
      greylist.noteAttempt(ONE, { at, since });
      await written(store);
    };
    assert.equal(greylist.firstTried(ONE), undefined);
    await note(1000, 500);
    await note(1500, 500);
    assert.equal(greylist.firstTried(ONE), 1000);
    await note(2000, 1001);
    assert.equal(greylist.firstTried(ONE), 2000);
    await note(1800, 0);
    assert.equal(greylist.firstTried(ONE), 1800, "it was later than now, by a clock set back");
  });

  test("of those that wait to be written, too, the first one counts", async (t) => {
    const { store } = await openSite(t, engine, "server");
    for (const at of [1000, 1001]) store.greylist.noteAttempt(ONE, { at, since: 0 });
    await written(store);
    assert.equal(store.greylist.firstTried(ONE), 1000);
  });

  test("network, sender and recipient tell attempts apart", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const others = [
      triplet("198.51.100.0/24"),
      triplet(ONE.network, { sender: "two.example" }),
      triplet(ONE.network, { recipient: "bob@example.org" }),
    ];
    store.greylist.noteAttempt(ONE, { at: 1, since: 0 });
    await written(store);
    for (const other of others) assert.equal(store.greylist.firstTried(other), undefined);
    for (const [i, other] of others.entries())
      store.greylist.noteAttempt(other, { at: i + 2, since: 0 });
    await written(store);
    assert.deepEqual(
      [ONE, ...others].map((one) => store.greylist.firstTried(one)),
      [1, 2, 3, 4],
    );
  });

  test("a network is noted as it was last, and survives a restart", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    assert.equal(store.greylist.passedAt(ONE.network), undefined);
    for (const at of [1000, 3000, 2000]) {
      store.greylist.notePassed(ONE.network, at);
      await written(store);
    }
    assert.equal(store.greylist.passedAt(ONE.network), 3000);
    store.greylist.notePassed("2001:db8:0:1::/64", 4000);
    await site.close(store);
    const again = await site.open("server");
    assert.equal(again.greylist.passedAt(ONE.network), 3000);
    assert.equal(again.greylist.passedAt("2001:db8:0:1::/64"), 4000, "noted before the end");
  });
}

function boundCases(engine: Engine): void {
  test("what is too old is forgotten", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const networks = ["a", "b", "c"];
    for (const [i, network] of networks.entries()) {
      store.greylist.noteAttempt(triplet(network), { at: i, since: 0 });
      store.greylist.notePassed(network, i);
    }
    await written(store, { attemptsSince: 1, networksSince: 2 });
    assert.deepEqual(
      networks.map((network) => store.greylist.firstTried(triplet(network))),
      [undefined, 1, 2],
    );
    assert.deepEqual(
      networks.map((network) => store.greylist.passedAt(network)),
      [undefined, undefined, 2],
    );
  });

  test("of more than there is room for the oldest are forgotten, in as many steps as it takes", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const names = Array.from({ length: 1500 }, (_, i) => `n${i}`);
    for (const [i, network] of names.entries()) {
      store.greylist.noteAttempt(triplet(network), { at: 1500 - i, since: 0 });
      store.greylist.notePassed(network, i);
    }
    await written(store, { attempts: 3, networks: 2 });
    const tried = names.filter((one) => store.greylist.firstTried(triplet(one)) !== undefined);
    const passed = names.filter((one) => store.greylist.passedAt(one) !== undefined);
    assert.deepEqual(tried, ["n0", "n1", "n2"]);
    assert.deepEqual(passed, ["n1498", "n1499"]);
  });
}
