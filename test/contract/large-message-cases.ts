/** Messages too large to be held in memory: they come in parts, and are whole or not there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId } from "../../src/mail/index.ts";
import type { MessageDraft } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import {
  acceptance,
  addMailbox,
  change,
  HEAD_TEXT,
  mailboxOf,
  openSite,
  noise,
  pull,
  uids,
  writeAll,
} from "./site.ts";

const MEBIBYTE = 1024 * 1024;
const SLICE = 65_536;
const NOBODY = 4711 as MailboxId;

export function largeMessageCases(engine: Engine): void {
  for (const octets of [5 * MEBIBYTE, MEBIBYTE + 1, 256 * 1024, 256 * 1024 + 1, 256 * 1024 - 1])
    test(`${octets} octets come back as they went in`, async (t) => {
      const { store } = await openSite(t, engine);
      const ann = await addMailbox(store, "ann");
      const content = noise(octets);
      const draft = store.openMessage();
      await writeAll(draft, content, SLICE);
      assert.deepEqual(await draft.commit(acceptance([ann])), { kind: "committed" });
      const [uid = ""] = await uids(store, ann);
      for (const limit of [SLICE, 1_000_003]) {
        const whole = await pull(store, ann, uid, limit);
        assert.equal(whole.length, HEAD_TEXT.length + octets);
        assert.equal(whole.subarray(0, HEAD_TEXT.length).toString(), HEAD_TEXT);
        assert.ok(whole.subarray(HEAD_TEXT.length).equals(content));
      }
      assert.equal(mailboxOf(store, "ann").usedOctets, HEAD_TEXT.length + octets);
    });

  test("two large messages at once do not mix", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const drafts = [1, 2].map((seed) => ({ seed, draft: store.openMessage() }));
    await Promise.all(
      drafts.map(({ seed, draft }) => writeAll(draft, noise(2 * MEBIBYTE, seed), SLICE)),
    );
    for (const { draft } of drafts) await draft.commit(acceptance([ann]));
    const [first = "", second = ""] = await uids(store, ann);
    for (const [uid, seed] of [
      [first, 1],
      [second, 2],
    ] as const) {
      const whole = await pull(store, ann, uid, SLICE);
      assert.ok(whole.subarray(HEAD_TEXT.length).equals(noise(2 * MEBIBYTE, seed)));
    }
  });

  test("a draft asks for a pause before it holds a mebibyte, and says when to go on", async (t) => {
    const { store } = await openSite(t, engine);
    const draft = store.openMessage();
    const slice = noise(SLICE);
    let written = 0;
    let paused = false;
    const { promise: drained, resolve } = Promise.withResolvers<void>();
    while (!paused && written < 2 * MEBIBYTE) {
      paused = !draft.write(slice, resolve);
      written += slice.length;
    }
    assert.ok(paused, "it took two mebibytes in one turn");
    assert.ok(written <= MEBIBYTE, `it held ${written} octets`);
    await drained;
    draft.abandon();
  });

  test("a large message is readable by all of its mailboxes until the last lets go of it", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const bob = await addMailbox(store, "bob");
    const draft = store.openMessage();
    await writeAll(draft, noise(MEBIBYTE), SLICE);
    await draft.commit(acceptance([ann, bob]));
    await store.maildrops.remove(ann, await uids(store, ann));
    const [uid = ""] = await uids(store, bob);
    assert.equal((await pull(store, bob, uid, SLICE)).length, HEAD_TEXT.length + MEBIBYTE);
    await store.maildrops.remove(bob, [uid]);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  /** What ends a large draft without a message, and leaves nothing behind. */
  const ends: readonly (readonly [string, (draft: MessageDraft, full: MailboxId) => unknown])[] = [
    ["abandoned", (draft) => draft.abandon()],
    ["refused for its quota", (draft, full) => draft.commit(acceptance([full]))],
    ["refused for a mailbox that has gone", (draft) => draft.commit(acceptance([NOBODY]))],
    ["for nobody", (draft) => assert.rejects(draft.commit(acceptance([])), { name: "StoreError" })],
  ];
  for (const [title, end] of ends)
    test(`a large draft that is ${title} leaves nothing behind`, async (t) => {
      const { site, store } = await openSite(t, engine);
      const full = await addMailbox(store, "full", MEBIBYTE);
      const draft = store.openMessage();
      await writeAll(draft, noise(MEBIBYTE), SLICE);
      await end(draft, full);
      assert.deepEqual(await store.maildrops.list(full), []);
      await site.close(store);
      assert.equal(engine.countOrphans(site.location), 0);
    });

  test("removing a mailbox removes its large messages", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const draft = store.openMessage();
    await writeAll(draft, noise(MEBIBYTE), SLICE);
    await draft.commit(acceptance([ann]));
    await change(store, { kind: "remove-mailbox", id: ann });
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });
}
