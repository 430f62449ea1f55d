/** A process that holds the store is killed: what it promised is there, once, and what it had begun is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { Child } from "./processes.ts";
import { mustClaim, send } from "./queue-site.ts";
import { addMailbox, contents, mustDeposit, openSite } from "./site.ts";

export function crashCases(engine: Engine): void {
  test("another process's server is named, and its lock ends with it", async (t) => {
    const { site, store } = await openSite(t, engine);
    await site.close(store);
    const child = new Child(t, site, "serve");
    await child.lines(1);
    await assert.rejects(site.open("server"), { name: "StoreInUse", pid: child.pid });
    await child.kill();
    await site.open("server");
  });

  test("what a killed server had begun to receive is collected at the next start", async (t) => {
    const { site, store } = await openSite(t, engine);
    await site.close(store);
    const child = new Child(t, site, "begin message");
    await child.lines(1);
    await child.kill();
    assert.ok(engine.countOrphans(site.location) > 0, "the child left nothing to collect");
    await site.close(await site.open("command"));
    assert.ok(engine.countOrphans(site.location) > 0, "a command collected what may be in use");
    await site.close(await site.open("server"));
    assert.equal(engine.countOrphans(site.location), 0);
  });

  for (const round of [1, 2, 3])
    test(`what a killed server said it had stored is there, once (${round})`, async (t) => {
      const { site, store } = await openSite(t, engine);
      const ann = await addMailbox(store, "ann");
      await site.close(store);
      const child = new Child(t, site, "commit");
      await child.lines(200 * round);
      await child.kill();
      const again = await site.open("server");
      const stored = await contents(again, ann);
      const names = new Set(stored);
      assert.equal(names.size, stored.length, "something is there twice");
      assert.deepEqual(
        child.said.filter((number) => !names.has(`message ${number}`)),
        [],
      );
      await mustDeposit(again, [ann], "after the crash");
      assert.equal((await contents(again, ann)).at(-1), "after the crash");
    });

  for (const round of [1, 2, 3])
    test(`a killed server's settlements are whole or not there (${round})`, async (t) => {
      const { site, store } = await openSite(t, engine);
      const ann = await addMailbox(store, "ann");
      const all = Array.from({ length: 2000 }, (_, i) => `u${i}@d${i % 40}.example`);
      await send(store, all);
      await site.close(store);
      const child = new Child(t, site, "settle");
      await child.lines(100 * round);
      await child.kill();
      const again = await site.open("server");
      const left = new Set(await allAddresses(again));
      const gone = all.filter((address) => !left.has(address));
      assert.deepEqual((await contents(again, ann)).toSorted(), gone.toSorted(), "reports");
      for (const address of all) {
        const records = await again.journal.find({ kind: "address", address, limit: 2 });
        assert.equal(records.length, left.has(address) ? 0 : 1, `records of ${address}`);
      }
      assert.deepEqual(
        child.said.filter((address) => left.has(address)),
        [],
        "said to be done, and still there",
      );
      const { rows } = await mustClaim(again, {
        at: Date.now(),
        destinations: 100,
        perDestination: 100,
      });
      assert.equal(rows.length, left.size, "not all that is left can be claimed at once");
      const doubted = rows.filter(({ inDoubt }) => inDoubt).length;
      assert.ok(doubted <= 20, `${doubted} rows in doubt, and 20 at most were under way`);
    });

  relayTestCrashCases(engine);
}

function relayTestCrashCases(engine: Engine): void {
  for (const round of [1, 2])
    test(`what a killed tester said it had kept of its test is there, once (${round})`, async (t) => {
      const { site, store } = await openSite(t, engine);
      await site.close(store);
      const child = new Child(t, site, "test");
      await child.lines(150 * round);
      await child.kill();
      const { relayTests } = await site.open("command");
      const cases = await relayTests.cases("one");
      const tried = cases.filter(({ outcome }) => outcome !== undefined);
      const back = (await relayTests.returns("one")).map(({ token }) => token);
      assert.deepEqual(child.said, tried.map(({ token }) => token).slice(0, child.said.length));
      assert.deepEqual(child.said, back.slice(0, child.said.length), "returns");
      assert.equal(cases.length % 5, 0, "cases that were expected together");
      for (const { token } of cases) assert.ok(relayTests.isKnown(token, 0));
      assert.equal((await relayTests.find("one"))?.endedAt, undefined);
      assert.ok(await relayTests.take("one", "process 1", "process 2"), "nobody goes on with it");
    });
}

async function allAddresses(store: Store): Promise<readonly string[]> {
  const { rows, next } = await store.queue.list({}, { limit: 5000 });
  assert.equal(next, undefined);
  return rows.map(({ forwardPath }) => forwardPath);
}
