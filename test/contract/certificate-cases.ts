/** Certificates by which one logs in as a mailbox: a key is one mailbox's, a name one of its mailbox's, and both go with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId } from "../../src/mail/index.ts";
import type { DirectoryChange, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { addMailbox, change, openSite, tryChange } from "./site.ts";

const NOBODY = 4711 as MailboxId;

const [KEY, OTHER] = ["a".repeat(64), "b".repeat(64)] as const;

export function certificateCases(engine: Engine): void {
  test("certificates come in the order of their names, each of its own mailbox, and by their keys", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    const before = Date.now();
    await change(store, { ...added(ann, "laptop", KEY), expiresAt: 5000 });
    await change(store, added(ann, "büro", OTHER));
    const { createdAt = 0 } = store.directory.certificate(KEY) ?? {};
    assert.ok(createdAt >= before && createdAt <= Date.now());
    assert.deepEqual(
      store.directory.certificates(ann).map((entry) => ({ ...entry, createdAt: 0 })),
      [
        { mailbox: ann, name: "büro", key: OTHER, createdAt: 0 },
        { mailbox: ann, name: "laptop", key: KEY, createdAt: 0, expiresAt: 5000 },
      ],
    );
    assert.equal(store.directory.certificate(KEY)?.name, "laptop");
    assert.equal(store.directory.certificate("c".repeat(64)), undefined);
    assert.deepEqual([names(store, bob), names(store, NOBODY)], [[], []]);
  });

  test("one that is removed is gone, and its key and its name are free again", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    await change(store, added(ann, "laptop", KEY));
    await change(store, added(bob, "laptop", OTHER));
    await change(store, { kind: "remove-certificate", mailbox: ann, name: "laptop" });
    assert.deepEqual([names(store, ann), names(store, bob)], [[], ["laptop"]]);
    assert.equal(store.directory.certificate(KEY), undefined);
    await change(store, added(bob, "desk", KEY));
    assert.equal(store.directory.certificate(KEY)?.mailbox, bob);
  });

  test("what does not fit is a conflict in words, and changes nothing", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    await change(store, added(ann, "laptop", KEY));
    const revision = store.directory.revision();
    const conflicts: readonly (readonly [DirectoryChange, RegExp])[] = [
      [added(ann, "laptop", OTHER), /already a certificate "laptop"/],
      [added(ann, "desk", KEY), /the certificate "laptop" of ann@example\.org already/],
      [added(bob, "laptop", KEY), /the certificate "laptop" of ann@example\.org already/],
      [added(NOBODY, "laptop", OTHER), /no such mailbox/],
      [{ kind: "remove-certificate", mailbox: ann, name: "desk" }, /no certificate "desk"/],
      [{ kind: "remove-certificate", mailbox: bob, name: "laptop" }, /no certificate "laptop"/],
      [{ kind: "remove-certificate", mailbox: NOBODY, name: "laptop" }, /no such mailbox/],
    ];
    for (const [wanted, problem] of conflicts) {
      const result = await tryChange(store, wanted);
      assert.ok(result.kind === "conflict", `it was ${result.kind}`);
      assert.match(result.problem, problem);
    }
    assert.equal(store.directory.certificate(KEY)?.mailbox, ann);
    assert.equal(store.directory.revision(), revision);
  });

  test("they go with their mailbox", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const ann = await addMailbox(store, "ann");
    await change(store, added(ann, "laptop", KEY));
    await change(store, { kind: "remove-mailbox", id: ann });
    assert.equal(store.directory.certificate(KEY), undefined);
  });

  test("one that a command takes back beside the server is gone with the next read", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const command = await site.open("command");
    await change(command, added(ann, "laptop", KEY));
    assert.equal(store.directory.certificate(KEY)?.mailbox, ann);
    await change(command, { kind: "remove-certificate", mailbox: ann, name: "laptop" });
    assert.equal(store.directory.certificate(KEY), undefined);
  });

  test("the latest use of a certificate counts; one that has gone is passed over", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await change(store, added(ann, "desk", OTHER));
    await change(store, added(ann, "laptop", KEY));
    for (const at of [5000, 9000, 7000]) store.directory.noteCertificateUse(KEY, at);
    store.directory.noteCertificateUse("c".repeat(64), 9000);
    await site.close(store);
    const again = await site.open("command");
    const uses = again.directory.certificates(ann).map(({ lastUsedAt }) => lastUsedAt);
    assert.deepEqual(uses, [undefined, 9000]);
  });
}

function added(mailbox: MailboxId, name: string, key: string) {
  return { kind: "add-certificate", mailbox, name, key } as const;
}

function names({ directory }: Store, mailbox: MailboxId): readonly string[] {
  return directory.certificates(mailbox).map(({ name }) => name);
}
