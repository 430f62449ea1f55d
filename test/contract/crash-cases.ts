/** A process that holds the store is killed: what it promised is there, once, and what it had begun is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "./engine.ts";
import { Child } from "./processes.ts";
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
}
