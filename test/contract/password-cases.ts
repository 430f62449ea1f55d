/** What is kept of passwords: both verifiers, app passwords and their last use, the store's secret. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId } from "../../src/mail/index.ts";
import type { DirectoryChange, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { addMailbox, change, DOMAIN, mailboxOf, openSite, tryChange } from "./site.ts";

const NOBODY = 4711 as MailboxId;

export function passwordCases(engine: Engine): void {
  verifierCases(engine);
  appPasswordCases(engine);
  useCases(engine);
  secretCases(engine);
}

function verifierCases(engine: Engine): void {
  test("a mailbox has the verifiers that it was made with", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const verifiers = { verifier: "said", scramVerifier: "shown" };
    await change(store, { kind: "add-mailbox", local: "ann", domain: DOMAIN, ...verifiers });
    const { id } = mailboxOf(store, "ann");
    assert.deepEqual(verifiersOf(store, id), ["said", "shown"]);
    const other = await addMailbox(store, "bob");
    assert.deepEqual(verifiersOf(store, other), ["verifier of bob", undefined]);
    assert.equal(store.directory.scramVerifier(NOBODY), undefined);
  });

  test("a new password replaces both, and what else is set neither", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const id = await addMailbox(store, "ann");
    await change(store, { kind: "set-mailbox", id, verifier: "said", scramVerifier: "shown" });
    assert.deepEqual(verifiersOf(store, id), ["said", "shown"]);
    await change(store, { kind: "set-mailbox", id, disabled: true, quotaOctets: 5 });
    assert.deepEqual(verifiersOf(store, id), ["said", "shown"]);
    await change(store, { kind: "set-mailbox", id, verifier: "said anew" });
    assert.deepEqual(verifiersOf(store, id), ["said anew", undefined]);
  });
}

function verifiersOf({ directory }: Store, id: MailboxId): readonly (string | undefined)[] {
  return [directory.verifier(id), directory.scramVerifier(id)];
}

function appPasswordCases(engine: Engine): void {
  test("app passwords come in the order of their names, each of its own mailbox", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    const before = Date.now();
    await change(store, added(ann, "phone", "pop3"));
    await change(store, added(ann, "büro", "any"));
    await change(store, added(bob, "phone", "smtp"));
    const { createdAt = 0 } = store.directory.appPasswords(ann)[1] ?? {};
    assert.ok(createdAt >= before && createdAt <= Date.now());
    assert.deepEqual(
      store.directory.appPasswords(ann).map((entry) => ({ ...entry, createdAt: 0 })),
      [
        { name: "büro", hash: "hash of büro", protocol: "any", createdAt: 0 },
        { name: "phone", hash: "hash of phone", protocol: "pop3", createdAt: 0 },
      ],
    );
    assert.deepEqual(names(store, bob), ["phone"]);
    assert.deepEqual(names(store, NOBODY), []);
  });

  test("one that is removed is gone, and its name is free again", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    for (const mailbox of [ann, bob]) await change(store, added(mailbox, "phone"));
    const removal = { kind: "remove-app-password", mailbox: ann, name: "phone" } as const;
    await change(store, removal);
    assert.deepEqual([names(store, ann), names(store, bob)], [[], ["phone"]]);
    await change(store, added(ann, "phone"));
    assert.deepEqual(names(store, ann), ["phone"]);
  });

  test("what does not fit is a conflict in words, and changes nothing", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const ann = await addMailbox(store, "ann");
    await change(store, added(ann, "phone", "pop3"));
    const revision = store.directory.proofRevision();
    const conflicts: readonly (readonly [DirectoryChange, RegExp])[] = [
      [added(ann, "phone", "any"), /already an app password "phone"/],
      [added(NOBODY, "phone"), /no such mailbox/],
      [{ kind: "remove-app-password", mailbox: ann, name: "pc" }, /no app password "pc"/],
      [{ kind: "remove-app-password", mailbox: NOBODY, name: "phone" }, /no such mailbox/],
    ];
    for (const [wanted, problem] of conflicts) {
      const result = await tryChange(store, wanted);
      assert.ok(result.kind === "conflict", `it was ${result.kind}`);
      assert.match(result.problem, problem);
    }
    assert.equal(store.directory.appPasswords(ann)[0]?.protocol, "pop3");
    assert.equal(store.directory.proofRevision(), revision);
  });

  test("they go with their mailbox", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const ann = await addMailbox(store, "ann");
    await change(store, added(ann, "phone"));
    await change(store, { kind: "remove-mailbox", id: ann });
    assert.deepEqual(names(store, ann), []);
  });

  test("one that a command takes back beside the server is gone with the next read", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const command = await site.open("command");
    await change(command, added(ann, "phone"));
    assert.deepEqual(names(store, ann), ["phone"]);
    await change(command, { kind: "remove-app-password", mailbox: ann, name: "phone" });
    assert.deepEqual(names(store, ann), []);
  });
}

function useCases(engine: Engine): void {
  test("a use that was noted is there when the store is closed, and none was before", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    for (const name of ["pc", "phone"]) await change(store, added(ann, name));
    assert.deepEqual(lastUses(store, ann), [undefined, undefined]);
    store.directory.noteAppPasswordUse(ann, "phone", 1_000_000);
    await site.close(store);
    const again = await site.open("command");
    assert.deepEqual(lastUses(again, ann), [undefined, 1_000_000]);
  });

  test("the latest use counts; one that has gone is passed over", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await change(store, added(ann, "phone"));
    for (const at of [5000, 9000, 7000]) store.directory.noteAppPasswordUse(ann, "phone", at);
    store.directory.noteAppPasswordUse(ann, "pc", 9000);
    store.directory.noteAppPasswordUse(NOBODY, "phone", 9000);
    await site.close(store);
    const again = await site.open("command");
    assert.deepEqual(lastUses(again, ann), [9000]);
  });
}

function secretCases(engine: Engine): void {
  test("the secret stays, and each store has its own", async (t) => {
    const { site, store } = await openSite(t, engine, "command");
    const secret = Buffer.from(store.directory.secret());
    assert.ok(secret.length >= 32);
    const other = await openSite(t, engine, "command");
    assert.notDeepEqual(Buffer.from(other.store.directory.secret()), secret);
    await site.close(store);
    const again = await site.open("command");
    assert.deepEqual(Buffer.from(again.directory.secret()), secret);
  });
}

function added(
  mailbox: MailboxId,
  name: string,
  protocol: "pop3" | "smtp" | "any" = "any",
): DirectoryChange {
  return { kind: "add-app-password", mailbox, name, hash: `hash of ${name}`, protocol };
}

function names({ directory }: Store, mailbox: MailboxId): readonly string[] {
  return directory.appPasswords(mailbox).map(({ name }) => name);
}

function lastUses({ directory }: Store, mailbox: MailboxId): readonly (number | undefined)[] {
  return directory.appPasswords(mailbox).map(({ lastUsedAt }) => lastUsedAt);
}
