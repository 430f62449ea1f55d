/** Domains, mailboxes and aliases: what is read, what is refused in which words, what others see. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MailboxId } from "../../src/mail/index.ts";
import type { DirectoryChange } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { Child } from "./processes.ts";
import { addMailbox, change, domainOf, DOMAIN, mailboxOf, openSite, tryChange } from "./site.ts";

const OTHER = domainOf("example.net");
const NOBODY = 4711 as MailboxId;

export function directoryCases(engine: Engine): void {
  readCases(engine);
  pageCases(engine);
  conflictCases(engine);
  inspectionCases(engine);
  visibilityCases(engine);
}

function readCases(engine: Engine): void {
  test("a domain is there once it was added, and gone once it was removed", async (t) => {
    const { store } = await openSite(t, engine, "command");
    assert.equal(store.directory.domain(OTHER), undefined);
    await change(store, { kind: "add-domain", domain: OTHER });
    assert.deepEqual(store.directory.domain(OTHER), { name: OTHER });
    assert.deepEqual(
      store.directory.domains().map(({ name }) => name),
      [OTHER, DOMAIN],
    );
    await change(store, { kind: "remove-domain", domain: OTHER });
    assert.equal(store.directory.domain(OTHER), undefined);
  });

  test("a new mailbox is empty and enabled", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const before = Date.now();
    const id = await addMailbox(store, "ann", 5000);
    const { createdAt, ...rest } = mailboxOf(store, "ann");
    assert.deepEqual(rest, {
      id,
      local: "ann",
      domain: DOMAIN,
      disabled: false,
      quotaOctets: 5000,
      usedOctets: 0,
      messages: 0,
    });
    assert.ok(createdAt >= before && createdAt <= Date.now());
    assert.deepEqual(store.directory.mailboxById(id), mailboxOf(store, "ann"));
    assert.equal(store.directory.verifier(id), "verifier of ann");
  });

  test("what is not there is undefined", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await addMailbox(store, "ann");
    assert.equal(store.directory.mailbox("ann", OTHER), undefined);
    assert.equal(store.directory.mailbox("bob", DOMAIN), undefined);
    assert.equal(store.directory.mailboxById(NOBODY), undefined);
    assert.equal(store.directory.verifier(NOBODY), undefined);
    assert.equal(store.directory.alias("ann", DOMAIN), undefined);
  });

  test("a mailbox's settings change one by one", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const id = await addMailbox(store, "ann", 5000);
    await change(store, { kind: "set-mailbox", id, disabled: true });
    assert.equal(mailboxOf(store, "ann").disabled, true);
    assert.equal(mailboxOf(store, "ann").quotaOctets, 5000);
    await change(store, { kind: "set-mailbox", id, quotaOctets: null });
    assert.ok(!("quotaOctets" in mailboxOf(store, "ann")));
    await change(store, { kind: "set-mailbox", id, verifier: "another", disabled: false });
    assert.equal(store.directory.verifier(id), "another");
    assert.equal(mailboxOf(store, "ann").disabled, false);
  });

  test("a catch-all is set and taken away", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const catchAll = await addMailbox(store, "ann");
    await change(store, { kind: "set-domain", domain: DOMAIN, catchAll });
    assert.deepEqual(store.directory.domain(DOMAIN), { name: DOMAIN, catchAll });
    await change(store, { kind: "set-domain", domain: DOMAIN, catchAll: null });
    assert.deepEqual(store.directory.domain(DOMAIN), { name: DOMAIN });
  });

  test("an alias keeps its targets in order, and is replaced whole", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const alias = { local: "team", domain: DOMAIN, targets: ["b@example.org", "a@example.org"] };
    await change(store, { kind: "set-alias", alias });
    assert.deepEqual(store.directory.alias("team", DOMAIN), alias);
    await change(store, { kind: "set-alias", alias: { ...alias, targets: ["c@example.org"] } });
    assert.deepEqual(store.directory.alias("team", DOMAIN)?.targets, ["c@example.org"]);
    await change(store, { kind: "remove-alias", local: "team", domain: DOMAIN });
    assert.equal(store.directory.alias("team", DOMAIN), undefined);
  });
}

function pageCases(engine: Engine): void {
  test("mailboxes come in pages, by domain and then by name", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, { kind: "add-domain", domain: OTHER });
    for (const local of ["cid", "ann", "bob"]) await addMailbox(store, local);
    await change(store, { kind: "add-mailbox", local: "zoe", domain: OTHER, verifier: "x" });
    const names = (page: Parameters<typeof store.directory.mailboxes>[0]) =>
      store.directory.mailboxes(page).map(({ local }) => local);
    assert.deepEqual(names({ limit: 10 }), ["zoe", "ann", "bob", "cid"]);
    assert.deepEqual(names({ limit: 2 }), ["zoe", "ann"]);
    assert.deepEqual(names({ after: { local: "ann", domain: DOMAIN }, limit: 10 }), ["bob", "cid"]);
    assert.deepEqual(names({ domain: OTHER, limit: 10 }), ["zoe"]);
    const after = { local: "bob", domain: DOMAIN };
    assert.deepEqual(names({ domain: DOMAIN, after, limit: 10 }), ["cid"]);
  });

  test("aliases come in pages too", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const targets = ["ann@example.org"];
    for (const local of ["two", "one", "three"])
      await change(store, { kind: "set-alias", alias: { local, domain: DOMAIN, targets } });
    const names = (page: Parameters<typeof store.directory.aliases>[0]) =>
      store.directory.aliases(page).map(({ local }) => local);
    assert.deepEqual(names({ domain: DOMAIN, limit: 2 }), ["one", "three"]);
    assert.deepEqual(names({ after: { local: "three", domain: DOMAIN }, limit: 2 }), ["two"]);
  });
}

function conflictCases(engine: Engine): void {
  /** What does not fit the site that has ann, the alias team and the empty domain example.net. */
  const conflicts: readonly (readonly [string, DirectoryChange, RegExp])[] = [
    [
      "a domain that is there",
      { kind: "add-domain", domain: DOMAIN },
      /already a domain example\.org/,
    ],
    [
      "a domain that is not there",
      { kind: "remove-domain", domain: domainOf("example.com") },
      /no domain example\.com/,
    ],
    [
      "the catch-all of no domain",
      { kind: "set-domain", domain: domainOf("example.com"), catchAll: null },
      /no domain example\.com/,
    ],
    [
      "a catch-all that is no mailbox",
      { kind: "set-domain", domain: DOMAIN, catchAll: NOBODY },
      /catch-all is gone/,
    ],
    [
      "a domain in use",
      { kind: "remove-domain", domain: DOMAIN },
      /domain example\.org has 1 mailbox and 1 alias; remove them first/,
    ],
    [
      "a mailbox that is there",
      { kind: "add-mailbox", local: "ann", domain: DOMAIN, verifier: "x" },
      /already a mailbox ann@example\.org/,
    ],
    [
      "a mailbox with an alias's name",
      { kind: "add-mailbox", local: "team", domain: DOMAIN, verifier: "x" },
      /already an alias team@example\.org/,
    ],
    [
      "a mailbox of no domain",
      { kind: "add-mailbox", local: "ann", domain: domainOf("example.com"), verifier: "x" },
      /no domain example\.com/,
    ],
    [
      "settings of no mailbox",
      { kind: "set-mailbox", id: NOBODY, disabled: true },
      /no such mailbox/,
    ],
    ["the removal of no mailbox", { kind: "remove-mailbox", id: NOBODY }, /no such mailbox/],
    [
      "an alias with a mailbox's name",
      { kind: "set-alias", alias: { local: "ann", domain: DOMAIN, targets: ["x@example.org"] } },
      /already a mailbox ann@example\.org/,
    ],
    [
      "an alias of no domain",
      {
        kind: "set-alias",
        alias: { local: "a", domain: domainOf("example.com"), targets: ["x@example.org"] },
      },
      /no domain example\.com/,
    ],
    [
      "the removal of no alias",
      { kind: "remove-alias", local: "nobody", domain: DOMAIN },
      /no alias nobody@example\.org/,
    ],
  ];

  test("what does not fit is a conflict in words, and changes nothing", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, { kind: "add-domain", domain: OTHER });
    await addMailbox(store, "ann");
    const alias = { local: "team", domain: DOMAIN, targets: ["ann@example.org"] };
    await change(store, { kind: "set-alias", alias });
    const revision = store.directory.proofRevision();
    for (const [title, wanted, problem] of conflicts)
      await t.test(title, async () => {
        const result = await tryChange(store, wanted);
        assert.ok(result.kind === "conflict", `it was ${result.kind}`);
        assert.match(result.problem, problem);
      });
    assert.equal(store.directory.proofRevision(), revision);
    assert.equal(store.directory.domains().length, 2);
    assert.equal(store.directory.mailboxes({ limit: 10 }).length, 1);
    assert.equal(store.directory.aliases({ limit: 10 }).length, 1);
  });

  test("a mailbox that is a catch-all is not removed", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const id = await addMailbox(store, "ann");
    await change(store, { kind: "set-domain", domain: DOMAIN, catchAll: id });
    const result = await tryChange(store, { kind: "remove-mailbox", id });
    assert.ok(result.kind === "conflict");
    assert.match(result.problem, /catch-all of example\.org/);
    assert.equal(mailboxOf(store, "ann").id, id);
  });
}

function inspectionCases(engine: Engine): void {
  test("inspect sees the directory that would result, and nobody else does yet", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const seen: boolean[] = [];
    await store.directory.change({ kind: "add-domain", domain: OTHER }, (after) => {
      seen.push(after.domain(OTHER) !== undefined, store.directory.domain(OTHER) !== undefined);
      return true;
    });
    assert.deepEqual(seen, [true, false]);
    assert.ok(store.directory.domain(OTHER) !== undefined);
  });

  test("what inspect rejects was never there", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const revision = store.directory.proofRevision();
    const wanted = { kind: "add-domain", domain: OTHER } as const;
    assert.deepEqual(await store.directory.change(wanted, () => false), { kind: "rejected" });
    assert.equal(store.directory.domain(OTHER), undefined);
    assert.equal(store.directory.proofRevision(), revision);
  });

  test("inspect may take its time", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const wanted = { kind: "add-domain", domain: OTHER } as const;
    const no = await store.directory.change(wanted, () => nextTurn(false));
    assert.deepEqual(no, { kind: "rejected" });
    const yes = await store.directory.change(wanted, () => nextTurn(true));
    assert.deepEqual(yes, { kind: "changed" });
  });

  test("an inspect that throws changes nothing, and the next change is free to go", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const wanted = { kind: "add-domain", domain: OTHER } as const;
    const failing = store.directory.change(wanted, () => {
      throw new RangeError("a bug in the proof");
    });
    await assert.rejects(failing, RangeError);
    assert.equal(store.directory.domain(OTHER), undefined);
    await change(store, wanted);
  });

  test("changes that are asked for at once are made one after the other", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const locals = Array.from({ length: 20 }, (_, i) => `user${i}`);
    await Promise.all(locals.map((local) => addMailbox(store, local)));
    assert.equal(store.directory.mailboxes({ limit: 100 }).length, 20);
  });

  test("the proof's revision grows with domains, catch-alls and aliases, not with mailboxes", async (t) => {
    const { store } = await openSite(t, engine, "command");
    let last = store.directory.proofRevision();
    const grew = () => {
      const grown = store.directory.proofRevision() > last;
      last = store.directory.proofRevision();
      return grown;
    };
    const alias = { local: "team", domain: DOMAIN, targets: ["ann@example.org"] };
    const id = await addMailbox(store, "ann");
    assert.equal(grew(), false);
    await change(store, { kind: "set-mailbox", id, disabled: true });
    assert.equal(grew(), false);
    await change(store, { kind: "set-domain", domain: DOMAIN, catchAll: id });
    assert.equal(grew(), true);
    await change(store, { kind: "set-alias", alias });
    assert.equal(grew(), true);
    await change(store, { kind: "remove-alias", local: "team", domain: DOMAIN });
    assert.equal(grew(), true);
    await change(store, { kind: "add-domain", domain: OTHER });
    assert.equal(grew(), true);
    await change(store, { kind: "remove-domain", domain: OTHER });
    assert.equal(grew(), true);
  });
}

function visibilityCases(engine: Engine): void {
  test("a change by a command beside the server is seen with the next read", async (t) => {
    const { site, store } = await openSite(t, engine);
    assert.equal(store.directory.mailbox("ann", DOMAIN), undefined);
    const command = await site.open("command");
    await addMailbox(command, "ann");
    assert.ok(store.directory.mailbox("ann", DOMAIN) !== undefined);
  });

  test("a change by another process is seen with the next read", async (t) => {
    const { site, store } = await openSite(t, engine);
    const revision = store.directory.proofRevision();
    assert.equal(store.directory.mailbox("child", DOMAIN), undefined);
    const child = new Child(t, site, "add mailbox");
    await child.lines(1);
    assert.ok(store.directory.mailbox("child", DOMAIN) !== undefined);
    assert.equal(store.directory.proofRevision(), revision);
    await child.ended();
  });

  test("the directory survives a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    const id = await addMailbox(store, "ann", 5000);
    const before = mailboxOf(store, "ann");
    const revision = store.directory.proofRevision();
    await site.close(store);
    const again = await site.open("server");
    assert.deepEqual(mailboxOf(again, "ann"), before);
    assert.equal(again.directory.verifier(id), "verifier of ann");
    assert.equal(again.directory.proofRevision(), revision);
  });
}
