/** Maildrops: uids that are never used twice, reading in pieces, deleting in one transaction. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "./engine.ts";
import {
  addMailbox,
  change,
  contents,
  HEAD_TEXT,
  mailboxOf,
  mustDeposit,
  openSite,
  pull,
  uids,
} from "./site.ts";

export function maildropCases(engine: Engine): void {
  readCases(engine);
  removeCases(engine);
  uidCases(engine);
  goneMailboxCases(engine);
}

function readCases(engine: Engine): void {
  test("an empty mailbox has no messages", async (t) => {
    const { store } = await openSite(t, engine);
    assert.deepEqual(await store.maildrops.list(await addMailbox(store, "ann")), []);
  });

  test("a message is read from any offset, in pieces of any size", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "0123456789");
    const [uid = ""] = await uids(store, ann);
    for (const limit of [1, 3, 1000])
      assert.equal((await pull(store, ann, uid, limit)).toString(), `${HEAD_TEXT}0123456789`);
    const from = await store.maildrops.read(ann, uid, HEAD_TEXT.length + 4, 3);
    assert.equal(Buffer.from(from ?? []).toString(), "456");
  });

  test("at its end a message gives nothing, and beyond it nothing either", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "x");
    const [uid = ""] = await uids(store, ann);
    for (const offset of [HEAD_TEXT.length + 1, 10_000])
      assert.equal((await store.maildrops.read(ann, uid, offset, 10))?.length, 0);
  });

  test("what is not in the mailbox is undefined, also another mailbox's message", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const bob = await addMailbox(store, "bob");
    await mustDeposit(store, [ann], "for ann");
    const [uid = ""] = await uids(store, ann);
    for (const other of ["", "1", "x.1", "x.y.z", `${uid}0`, uid.toUpperCase()])
      assert.equal(await store.maildrops.read(ann, other, 0, 10), undefined);
    assert.equal(await store.maildrops.read(bob, uid, 0, 10), undefined);
  });

  test("a long list is whole and in order", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const count = 4100;
    const all = Array.from({ length: count }, () => mustDeposit(store, [ann], "x"));
    await Promise.all(all);
    const listed = await uids(store, ann);
    assert.equal(listed.length, count);
    assert.equal(new Set(listed).size, count);
  });
}

function removeCases(engine: Engine): void {
  test("messages are deleted together, and the mailbox counts what is left", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    for (const text of ["a", "b", "c"]) await mustDeposit(store, [ann], text);
    const [a = "", , c = ""] = await uids(store, ann);
    await store.maildrops.remove(ann, [a, c]);
    assert.deepEqual(await contents(store, ann), ["b"]);
    const { messages, usedOctets } = mailboxOf(store, "ann");
    assert.deepEqual({ messages, usedOctets }, { messages: 1, usedOctets: HEAD_TEXT.length + 1 });
    assert.equal(await store.maildrops.read(ann, a, 0, 10), undefined);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("uids that are not there are passed over, and none is an empty errand", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "a");
    await mustDeposit(store, [ann], "b");
    const [a = ""] = await uids(store, ann);
    await store.maildrops.remove(ann, []);
    await store.maildrops.remove(ann, [a, a, "nonsense", `${a}9`]);
    assert.deepEqual(await contents(store, ann), ["b"]);
    assert.equal(mailboxOf(store, "ann").messages, 1);
  });

  test("one mailbox deletes nothing of another's", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const bob = await addMailbox(store, "bob");
    await mustDeposit(store, [ann, bob], "for both");
    await store.maildrops.remove(bob, await uids(store, ann));
    assert.deepEqual(await contents(store, bob), ["for both"]);
    await store.maildrops.remove(ann, await uids(store, ann));
    assert.deepEqual(await contents(store, bob), ["for both"]);
  });

  test("a deletion survives a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    for (const text of ["a", "b"]) await mustDeposit(store, [ann], text);
    const [a = ""] = await uids(store, ann);
    await store.maildrops.remove(ann, [a]);
    await site.close(store);
    assert.deepEqual(await contents(await site.open("server"), ann), ["b"]);
  });
}

function uidCases(engine: Engine): void {
  test("a uid is not used again after its message was deleted, also over a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "a");
    const used = await uids(store, ann);
    await store.maildrops.remove(ann, used);
    await site.close(store);
    const again = await site.open("server");
    await mustDeposit(again, [ann], "b");
    assert.notDeepEqual(await uids(again, ann), used);
  });

  test("a mailbox made again under its old name is another mailbox, with other uids", async (t) => {
    const { store } = await openSite(t, engine);
    const old = await addMailbox(store, "ann");
    await mustDeposit(store, [old], "of the old one");
    const used = await uids(store, old);
    await change(store, { kind: "remove-mailbox", id: old });
    const ann = await addMailbox(store, "ann");
    assert.notEqual(ann, old);
    assert.deepEqual(await store.maildrops.list(ann), []);
    await mustDeposit(store, [ann], "of the new one");
    assert.notDeepEqual(await uids(store, ann), used);
  });
}

function goneMailboxCases(engine: Engine): void {
  test("removing a mailbox removes its messages, but not what others hold", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const bob = await addMailbox(store, "bob");
    await mustDeposit(store, [ann], "for ann");
    await mustDeposit(store, [ann, bob], "for both");
    await change(store, { kind: "remove-mailbox", id: ann });
    assert.deepEqual(await store.maildrops.list(ann), []);
    assert.deepEqual(await contents(store, bob), ["for both"]);
    await store.maildrops.remove(bob, await uids(store, bob));
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("deleting in a mailbox that has gone does nothing", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "x");
    const used = await uids(store, ann);
    await change(store, { kind: "remove-mailbox", id: ann });
    await store.maildrops.remove(ann, used);
    assert.equal(store.directory.mailboxById(ann), undefined);
  });
}
