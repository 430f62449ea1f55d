/** Messages that go into the store whole: all of it or nothing, once, in order, within the quota. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { messageId, type MailboxId } from "../../src/mail/index.ts";
import type { Engine } from "./engine.ts";
import {
  acceptance,
  addMailbox,
  change,
  contents,
  deposit,
  HEAD_TEXT,
  mailboxOf,
  mustDeposit,
  newSession,
  noise,
  openSite,
  pull,
  record,
  uids,
} from "./site.ts";

const NOBODY = 4711 as MailboxId;

export function messageCases(engine: Engine): void {
  commitCases(engine);
  groupCases(engine);
  quotaCases(engine);
  abandonCases(engine);
}

function commitCases(engine: Engine): void {
  test("a message is in its mailbox when its commit resolves", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "Subject: hello\r\n\r\nhello\r\n");
    const [message] = await store.maildrops.list(ann);
    assert.ok(message !== undefined);
    const whole = await pull(store, ann, message.uid);
    assert.equal(whole.toString(), `${HEAD_TEXT}Subject: hello\r\n\r\nhello\r\n`);
    assert.equal(message.octets, whole.length);
    assert.match(message.uid, /^[\x21-\x7e]{1,70}$/);
  });

  test("a message survives a restart, and keeps its uid", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "kept");
    const before = await uids(store, ann);
    await site.close(store);
    const again = await site.open("server");
    assert.deepEqual(await uids(again, ann), before);
    assert.deepEqual(await contents(again, ann), ["kept"]);
  });

  test("the mailbox counts its messages and their octets", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "12345");
    await mustDeposit(store, [ann], "1234567890");
    const { messages, usedOctets } = mailboxOf(store, "ann");
    assert.deepEqual(
      { messages, usedOctets },
      { messages: 2, usedOctets: 15 + 2 * HEAD_TEXT.length },
    );
  });

  test("a message may be empty", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    assert.equal((await store.openMessage().commit(acceptance([ann]))).kind, "committed");
    assert.deepEqual(await contents(store, ann), [""]);
  });

  test("every octet is kept, in slices of any size", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);
    for (const size of [1, 7, 256, 1000]) {
      const draft = store.openMessage();
      for (let at = 0; at < content.length; at += size)
        assert.equal(draft.write(content.subarray(at, at + size), assert.fail), true);
      await draft.commit(acceptance([ann]));
    }
    for (const uid of await uids(store, ann))
      assert.deepEqual(
        (await pull(store, ann, uid)).subarray(HEAD_TEXT.length),
        Buffer.from(content),
      );
  });

  test("a slice may be used again after it was written", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const slice = Buffer.from("first");
    const head = Buffer.from(HEAD_TEXT);
    const draft = store.openMessage();
    draft.write(slice, assert.fail);
    slice.write("other");
    draft.write(slice, assert.fail);
    slice.fill(0);
    const committed = draft.commit(acceptance([ann], { head }));
    head.fill(0);
    await committed;
    assert.deepEqual(await contents(store, ann), ["firstother"]);
  });

  test("the record is in the journal with its message", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const kept = record({ json: `{"v":1,"x":"ü"}` });
    await deposit(store, [ann], "x", { record: kept });
    const found = await store.journal.find({ kind: "session", session: kept.session });
    assert.deepEqual(found, [{ ...kept, count: 1, lastAt: kept.at }]);
  });

  test("a message for many mailboxes is stored once and read by each", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ids: MailboxId[] = [];
    for (let i = 0; i < 10; i++) ids.push(await addMailbox(store, `user${i}`));
    await mustDeposit(store, ids, "for all");
    for (const id of ids) assert.deepEqual(await contents(store, id), ["for all"]);
    const [first, ...others] = ids;
    assert.ok(first !== undefined);
    for (const id of others) await store.maildrops.remove(id, await uids(store, id));
    assert.deepEqual(await contents(store, first), ["for all"]);
    await store.maildrops.remove(first, await uids(store, first));
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("a message for nobody is an error, not a message", async (t) => {
    const { site, store } = await openSite(t, engine);
    await assert.rejects(deposit(store, [], "x"), { name: "StoreError" });
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });
}

function groupCases(engine: Engine): void {
  test("500 commits at once are all there, in the order in which they were asked for", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const expected = Array.from({ length: 500 }, (_, i) => `message ${i}`);
    const results = await Promise.all(expected.map((text) => deposit(store, [ann], text)));
    assert.ok(results.every(({ kind }) => kind === "committed"));
    assert.deepEqual(await contents(store, ann), expected);
    assert.equal(new Set(await uids(store, ann)).size, 500);
    assert.equal(mailboxOf(store, "ann").messages, 500);
  });

  test("commits, deletions and notes at once leave nothing out", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await mustDeposit(store, [ann], "old");
    const old = await uids(store, ann);
    const session = newSession();
    store.journal.note(record({ session }));
    await Promise.all([
      deposit(store, [ann], "new 1"),
      store.maildrops.remove(ann, old),
      deposit(store, [ann], "new 2"),
    ]);
    assert.deepEqual(await contents(store, ann), ["new 1", "new 2"]);
    assert.equal((await store.journal.find({ kind: "session", session })).length, 1);
  });
}

function quotaCases(engine: Engine): void {
  test("a message that fills the quota to the last octet is taken, one octet more is refused", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann", 2 * HEAD_TEXT.length + 10);
    await mustDeposit(store, [ann], "123456");
    assert.deepEqual(await deposit(store, [ann], "12345"), {
      kind: "refused",
      why: "over quota",
      mailbox: ann,
    });
    await mustDeposit(store, [ann], "1234");
    assert.deepEqual(await contents(store, ann), ["123456", "1234"]);
  });

  test("where one of several mailboxes is full, none gets the message", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const full = await addMailbox(store, "full", 1);
    const kept = record();
    assert.deepEqual(await deposit(store, [ann, full], "x", { record: kept }), {
      kind: "refused",
      why: "over quota",
      mailbox: full,
    });
    assert.deepEqual(await store.maildrops.list(ann), []);
    const { messages, usedOctets } = mailboxOf(store, "ann");
    assert.deepEqual({ messages, usedOctets }, { messages: 0, usedOctets: 0 });
    const query = { kind: "session", session: kept.session } as const;
    assert.deepEqual(await store.journal.find(query), []);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("of two messages at once for the last room, one is refused", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann", HEAD_TEXT.length + 10);
    const results = await Promise.all([
      deposit(store, [ann], "1234567"),
      deposit(store, [ann], "x"),
    ]);
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["committed", "refused"],
    );
  });

  test("a quota that was raised or taken away holds from the next message on", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann", 1);
    assert.equal((await deposit(store, [ann], "x")).kind, "refused");
    await change(store, { kind: "set-mailbox", id: ann, quotaOctets: null });
    await mustDeposit(store, [ann], "x");
  });

  test("deleting makes room again", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann", HEAD_TEXT.length + 10);
    await mustDeposit(store, [ann], "1234567890");
    await store.maildrops.remove(ann, await uids(store, ann));
    await mustDeposit(store, [ann], "1234567890");
  });

  test("a mailbox that has gone since is named, and the others get nothing", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    assert.deepEqual(await deposit(store, [ann, NOBODY], "x"), {
      kind: "refused",
      why: "mailbox gone",
      mailbox: NOBODY,
    });
    assert.deepEqual(await store.maildrops.list(ann), []);
  });
}

function abandonCases(engine: Engine): void {
  test("nothing of a draft is seen before its commit, nor after it was abandoned", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const draft = store.openMessage();
    draft.write(noise(1000), assert.fail);
    assert.deepEqual(await store.maildrops.list(ann), []);
    draft.abandon();
    await mustDeposit(store, [ann], "another");
    assert.deepEqual(await contents(store, ann), ["another"]);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("abandoning after the commit is harmless", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const draft = store.openMessage();
    draft.write(Buffer.from("kept"), assert.fail);
    const committed = draft.commit(acceptance([ann]));
    draft.abandon();
    await committed;
    draft.abandon();
    assert.deepEqual(await contents(store, ann), ["kept"]);
  });

  test("two messages of one session are two messages", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const session = newSession();
    for (const ordinal of [1, 2]) {
      const kept = record({ session, json: `{"message":${ordinal}}` });
      const id = messageId(session, ordinal);
      await deposit(store, [ann], `message ${ordinal}`, { id, record: kept });
    }
    assert.deepEqual(await contents(store, ann), ["message 1", "message 2"]);
    const found = await store.journal.find({ kind: "session", session });
    assert.deepEqual(
      found.map(({ json }) => json),
      [`{"message":2}`, `{"message":1}`],
    );
  });
}
