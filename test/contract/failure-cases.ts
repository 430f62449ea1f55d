/** When something goes wrong: nobody is told yes, only the guilty are told no, and afterwards it works again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "./engine.ts";
import {
  acceptance,
  addMailbox,
  contents,
  deposit,
  mailboxOf,
  mustDeposit,
  noise,
  openSite,
  record,
  Site,
  uids,
  writeAll,
} from "./site.ts";

const STORE_ERROR = { name: "StoreError" };

export function failureCases(engine: Engine): void {
  blockedCases(engine);
  batchCases(engine);
  closedCases(engine);
  lockCases(engine);
}

function blockedCases(engine: Engine): void {
  test("a commit that cannot be written rejects, and the next one goes through", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const release = engine.blockWrites(site.location);
    await assert.rejects(deposit(store, [ann], "lost"), STORE_ERROR);
    release();
    await mustDeposit(store, [ann], "kept");
    assert.deepEqual(await contents(store, ann), ["kept"]);
  });

  test("many commits that cannot be written all reject", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const release = engine.blockWrites(site.location);
    const all = Array.from({ length: 50 }, () => deposit(store, [ann], "lost"));
    const results = await Promise.allSettled(all);
    assert.ok(results.every(({ status }) => status === "rejected"));
    release();
    assert.deepEqual(await store.maildrops.list(ann), []);
  });

  test("a deletion that cannot be written rejects, and deletes nothing", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "still here");
    const release = engine.blockWrites(site.location);
    await assert.rejects(store.maildrops.remove(ann, await uids(store, ann)), STORE_ERROR);
    release();
    assert.deepEqual(await contents(store, ann), ["still here"]);
  });

  test("a large message of which a part could not be written is not committed", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const draft = store.openMessage();
    const release = engine.blockWrites(site.location);
    await writeAll(draft, noise(2 * 1024 * 1024), 65_536);
    release();
    await assert.rejects(draft.commit(acceptance([ann])), STORE_ERROR);
    assert.deepEqual(await store.maildrops.list(ann), []);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("reads go on while writes are kept waiting", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "here");
    const release = engine.blockWrites(site.location);
    assert.equal(mailboxOf(store, "ann").messages, 1);
    assert.deepEqual(await contents(store, ann), ["here"]);
    release();
  });

  test("a change of the directory waits for another's write", async (t) => {
    const { site, store } = await openSite(t, engine);
    const release = engine.blockWrites(site.location);
    const adding = addMailbox(store, "ann");
    setTimeout(release, 50);
    await adding;
    assert.equal(mailboxOf(store, "ann").local, "ann");
  });
}

function batchCases(engine: Engine): void {
  test("a bad one among many fails alone", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const all = Array.from({ length: 20 }, (_, i) => {
      const kept = record({ at: i === 7 ? Number.NaN : i }); // no store can keep a record without a time
      return deposit(store, [ann], `message ${i}`, { record: kept });
    });
    const results = await Promise.allSettled(all);
    const failed = results.flatMap(({ status }, i) => (status === "rejected" ? [i] : []));
    assert.deepEqual(failed, [7]);
    const expected = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    assert.deepEqual(await contents(store, ann), expected.toSpliced(7, 1));
    assert.equal(mailboxOf(store, "ann").messages, 19);
  });
}

function closedCases(engine: Engine): void {
  test("closing writes what was asked for before", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const committed = deposit(store, [ann], "just before");
    await site.close(store);
    assert.deepEqual(await committed, { kind: "committed" });
    assert.deepEqual(await contents(await site.open("server"), ann), ["just before"]);
  });

  test("a closed store refuses, in words", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await site.close(store);
    await assert.rejects(deposit(store, [ann], "x"), { ...STORE_ERROR, message: /closed/ });
    await assert.rejects(store.maildrops.remove(ann, ["x.1"]), STORE_ERROR);
    assert.throws(() => store.directory.mailboxById(ann), STORE_ERROR);
    await store.close(); // a second time is harmless
  });
}

function lockCases(engine: Engine): void {
  test("a second server is refused, a command beside the server is not", async (t) => {
    const { site, store } = await openSite(t, engine);
    await assert.rejects(site.open("server"), { name: "StoreInUse", pid: process.pid });
    const command = await site.open("command");
    await addMailbox(command, "ann");
    await site.close(command);
    await site.close(store);
    await site.open("server");
  });

  test("a store in no place is an error in words", async (t) => {
    const site = new Site(engine);
    t.after(() => site.remove());
    const nowhere = engine.open(`${site.location}/no/such/place`, "server");
    await assert.rejects(nowhere, { ...STORE_ERROR, message: /cannot be opened/ });
  });
}
