/** Changes as an administrator asks for them: what is done, and in which words the rest is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Administration, everyAlias, everyMailbox, type Outcome } from "../../src/app/index.ts";
import type { DirectoryReads } from "../../src/store/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const NOW = Date.UTC(2026, 10, 28);

const OURS = domainOf("local.example");

/** An administration over a small site; `report` is what the proof finds, `proved` what it was shown at that moment. */
class Office {
  readonly directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("admin@local.example", "user@local.example", "other@local.example")
    .withAlias("sales@local.example", "user@local.example");
  readonly proved: string[] = [];
  report: string | undefined;
  readonly administration = new Administration({
    directory: this.directory,
    postmaster: { local: "admin", domain: OURS },
    mailboxesElsewhere: (domain) =>
      domain === "inner.example" ? "lmtp:/run/dovecot/lmtp" : undefined,
    testerDomain: domainOf("tests.example"),
    makeVerifiers: async (password) => ({
      verifier: `hash of ${password}`,
      scramVerifier: `keys of ${password}`,
    }),
    makeDkimKeys: async (taken) => [
      { selector: `k${taken.length}`, algorithm: "ed25519", privateKey: "a key" },
    ],
    now: () => NOW,
    prove: async (after) => {
      this.proved.push(edges(after));
      return this.report;
    },
  });

  targets(local: string): readonly string[] | undefined {
    return this.directory.alias(local, OURS)?.targets;
  }
}

/** What the relay decision ranges over, in one line. */
function edges(directory: DirectoryReads): string {
  const domains = directory.domains().map(({ name, catchAll }) => `${name} ${catchAll ?? "-"}`);
  const aliases = [...everyAlias(directory)].map(
    ({ local, targets }) => `${local} ${targets.join()}`,
  );
  return [...domains, ...aliases].join("; ");
}

type Act = (administration: Administration) => Promise<Outcome>;

async function problem(act: Act, office = new Office()): Promise<string> {
  const outcome = await act(office.administration);
  return outcome.kind === "problem" ? outcome.problem : "done";
}

async function done(act: Act, office: Office): Promise<void> {
  assert.equal(await problem(act, office), "done");
}

// ---- Domains ----

test("a domain is added in its canonical form, and removed", async () => {
  const office = new Office();
  await done((a) => a.domains.add("Bücher.example"), office);
  assert.ok(office.directory.domain(domainOf("xn--bcher-kva.example")) !== undefined);
  await done((a) => a.domains.remove("xn--bcher-kva.example"), office);
  assert.equal(office.directory.domains().length, 1);
});

test("a catch-all is set to a mailbox, and taken away again", async () => {
  const office = new Office();
  await done((a) => a.domains.setCatchAll("local.example", "User@local.example"), office);
  const user = office.directory.mailbox("user", OURS);
  assert.equal(office.directory.domain(OURS)?.catchAll, user?.id);
  await done((a) => a.domains.setCatchAll("local.example", null), office);
  assert.equal(office.directory.domain(OURS)?.catchAll, undefined);
});

test("what is wrong with a domain is said", async () => {
  const wrong: readonly (readonly [Act, string])[] = [
    [
      (a) => a.domains.add("local.example."),
      '"local.example." is no domain name; expected one such as example.org',
    ],
    [
      (a) => a.domains.add("127.0.0.1"),
      '"127.0.0.1" is no domain name; expected one such as example.org',
    ],
    [(a) => a.domains.add("LOCAL.example"), "there is already a domain local.example"],
    [
      (a) => a.domains.add("Tests.example"),
      "tests.example is where relay tests come back to (setting tester.domain), and nobody can have mail there",
    ],
    [(a) => a.domains.remove("x"), "there is no domain x"],
    [(a) => a.domains.remove(""), '"" is no domain name; expected one such as example.org'],
    [
      (a) => a.domains.setCatchAll("local.example", "sales@local.example"),
      "there is no mailbox sales@local.example here",
    ],
    [(a) => a.domains.setCatchAll("local.example", "x"), '"x" cannot be used: it has no domain'],
    [(a) => a.domains.setCatchAll("x.example", null), "there is no domain x.example"],
  ];
  for (const [act, expected] of wrong) assert.equal(await problem(act), expected);
});

test("a domain is added with DKIM keys that sign; later ones take over when their rotation is finished", async () => {
  const office = new Office();
  await done((a) => a.domains.add("second.example"), office);
  const states = () =>
    office.directory
      .dkimKeys(domainOf("second.example"))
      .map((key) => [key.selector, key.state, key.state === "retired" && key.publishedUntil]);
  assert.deepEqual(states(), [["k0", "signing", false]]);
  await done((a) => a.domains.rotateDkimKeys("Second.example"), office);
  assert.deepEqual(states().at(-1), ["k1", "published", false]);
  assert.match(
    await problem((a) => a.domains.rotateDkimKeys("second.example"), office),
    /finish that/,
  );
  await done((a) => a.domains.finishDkimRotation("second.example"), office);
  assert.deepEqual(states(), [
    ["k0", "retired", Date.UTC(2026, 11, 12)],
    ["k1", "signing", false],
  ]);
  assert.match(
    await problem((a) => a.domains.finishDkimRotation("second.example"), office),
    /no new DKIM/,
  );
});

test("a domain that is older than DKIM gets keys that sign at once", async () => {
  const office = new Office();
  await done((a) => a.domains.rotateDkimKeys("local.example"), office);
  assert.deepEqual(
    office.directory.dkimKeys(OURS).map(({ state }) => state),
    ["signing"],
  );
  const nobodys = await problem((a) => a.domains.rotateDkimKeys("nobodys.example"), office);
  assert.equal(nobodys, "there is no domain nobodys.example");
});

// ---- Mailboxes ----

test("a mailbox is added with the verifier of its password, and with its quota if it has one", async () => {
  const office = new Office();
  await done((a) => a.mailboxes.add("New.Name@Local.example", "secret"), office);
  await done((a) => a.mailboxes.add('"john doe"@local.example', "secret", 5000), office);
  const [plain, limited] = [
    office.directory.mailbox("new.name", OURS),
    office.directory.mailbox("john doe", OURS),
  ];
  assert.ok(plain !== undefined && limited !== undefined);
  assert.equal(office.directory.verifier(plain.id), "hash of secret");
  assert.deepEqual([plain.quotaOctets, limited.quotaOctets], [undefined, 5000]);
});

test("a mailbox's password, quota and state are changed one by one", async () => {
  const office = new Office();
  const mailbox = () => office.directory.mailbox("user", OURS);
  await done((a) => a.mailboxes.setPassword("user@local.example", "new"), office);
  assert.equal(office.directory.verifier(mailbox()?.id ?? assert.fail()), "hash of new");
  await done((a) => a.mailboxes.set("user@local.example", { quotaOctets: 100 }), office);
  await done((a) => a.mailboxes.set("user@local.example", { disabled: true }), office);
  assert.deepEqual([mailbox()?.quotaOctets, mailbox()?.disabled], [100, true]);
  await done((a) => a.mailboxes.set("user@local.example", { quotaOctets: null }), office);
  assert.deepEqual([mailbox()?.quotaOctets, mailbox()?.disabled], [undefined, true]);
});

test("both verifiers are made of a password, when a mailbox is made and when it gets a new one", async () => {
  const office = new Office();
  await done((a) => a.mailboxes.add("new@local.example", "secret"), office);
  const { id } = office.directory.mailbox("new", OURS) ?? assert.fail();
  const verifiers = () => [office.directory.verifier(id), office.directory.scramVerifier(id)];
  assert.deepEqual(verifiers(), ["hash of secret", "keys of secret"]);
  await done((a) => a.mailboxes.setPassword("new@local.example", "other"), office);
  assert.deepEqual(verifiers(), ["hash of other", "keys of other"]);
});

test("a mailbox that nothing needs is removed", async () => {
  const office = new Office();
  await done((a) => a.mailboxes.remove("Other@local.example"), office);
  assert.equal(office.directory.mailbox("other", OURS), undefined);
});

test("names that mail could not reach, or that could be read as a route, are none", async () => {
  const none = "a name here has none of % ! @ / | and no leading dot";
  const wrong: readonly (readonly [string, string])[] = [
    ["user", '"user" cannot be used: it has no domain'],
    [
      "us er@local.example",
      '"us er@local.example" cannot be used: it is no address of the form name@domain',
    ],
    ["user@local..example", '"user@local..example" cannot be used: its domain is no domain name'],
    ["user@[127.0.0.1]", '"user@[127.0.0.1]" cannot be used: its domain is an address literal'],
    ["a%b@local.example", `a%b@local.example: ${none}`],
    ["a!b@local.example", `a!b@local.example: ${none}`],
    ['"a@b"@local.example', `"a@b"@local.example: ${none}`],
    ["a/b@local.example", `a/b@local.example: ${none}`],
    ["a|b@local.example", `a|b@local.example: ${none}`],
    [".a@local.example", `.a@local.example: ${none}`],
    [
      "a+b@local.example",
      'a+b@local.example: "+" is for sub-addresses; mail for name+tag goes to name',
    ],
    ['""@local.example', '""@local.example: a name here has at least one character'],
  ];
  for (const [address, expected] of wrong) {
    assert.equal(await problem((a) => a.mailboxes.add(address, "x")), expected);
    assert.equal(
      await problem((a) => a.aliases.set(address, ["user@local.example"], "add")),
      expected,
    );
  }
});

test("a mailbox that is not there is not changed", async () => {
  const nobody = "there is no mailbox nobody@local.example here";
  for (const act of [
    (a) => a.mailboxes.setPassword("nobody@local.example", "x"),
    (a) => a.mailboxes.set("nobody@local.example", { disabled: true }),
    (a) => a.mailboxes.remove("nobody@local.example"),
  ] satisfies Act[])
    assert.equal(await problem(act), nobody);
  assert.match(
    await problem((a) => a.mailboxes.add("user@foreign.example", "x")),
    /no domain foreign\.example/,
  );
});

test("a mailbox that something needs stays, and what needs it is named", async () => {
  const office = new Office();
  office.directory.withDomain("all.example", office.directory.mailboxAt("other@local.example"));
  office.directory.withMailbox('"john doe"@local.example');
  await done(
    (a) => a.aliases.set("john@local.example", ['"John Doe"@local.example'], "add"),
    office,
  );
  const kept: readonly (readonly [string, string])[] = [
    [
      "admin@local.example",
      "it takes the mail for postmaster; name another one in the setting `postmaster` first",
    ],
    ["other@local.example", "it is the catch-all of all.example; change that first"],
    ["user@local.example", "the alias sales@local.example leads to it; change that first"],
    ['"john doe"@local.example', "the alias john@local.example leads to it; change that first"],
  ];
  for (const [address, why] of kept)
    assert.equal(
      await problem((a) => a.mailboxes.remove(address), office),
      `${address} cannot be removed: ${why}`,
    );
});

// ---- App passwords ----

const APP = "2345-6789-abcd-efgh-ijkm-npqr-stuv";
const PHONE = { name: "phone", protocol: "pop3", password: APP } as const;

test("an app password is kept as its hash, and taken back by its name", async () => {
  const office = new Office();
  const { id } = office.directory.mailbox("user", OURS) ?? assert.fail();
  await done((a) => a.mailboxes.addAppPassword("User@local.example", PHONE), office);
  const [entry] = office.directory.appPasswords(id);
  assert.deepEqual([entry?.name, entry?.protocol], ["phone", "pop3"]);
  assert.match(entry?.hash ?? "", /^[A-Za-z0-9+/]{43}=$/); // SHA-256
  assert.equal(
    await problem((a) => a.mailboxes.addAppPassword("user@local.example", PHONE), office),
    'there is already an app password "phone"; remove it first',
  );
  await done((a) => a.mailboxes.removeAppPassword("user@local.example", "phone"), office);
  assert.deepEqual(office.directory.appPasswords(id), []);
  assert.equal(
    await problem((a) => a.mailboxes.removeAppPassword("user@local.example", "phone"), office),
    'there is no app password "phone"',
  );
});

test("an app password has a name that fits a line, and a mailbox", async () => {
  for (const name of ["", " phone", "pho\nne", "\ud800", "x".repeat(65)])
    assert.equal(
      await problem((a) => a.mailboxes.addAppPassword("user@local.example", { ...PHONE, name })),
      `"${name}" cannot name an app password; expected 1 to 64 characters such as phone`,
    );
  assert.equal(
    await problem((a) => a.mailboxes.addAppPassword("nobody@local.example", PHONE)),
    "there is no mailbox nobody@local.example here",
  );
});

test("a mailbox has so many app passwords and no more", async () => {
  const office = new Office();
  for (let i = 0; i < 50; i++)
    await done(
      (a) => a.mailboxes.addAppPassword("user@local.example", { ...PHONE, name: `${i}` }),
      office,
    );
  assert.equal(
    await problem((a) => a.mailboxes.addAppPassword("user@local.example", PHONE), office),
    "user@local.example has 50 app passwords, which is the limit",
  );
});

// ---- Senders ----

test("a mailbox is let send as addresses and domains, of whatever server, and no longer", async () => {
  const office = new Office();
  const granted = () =>
    office.directory.senderGrants(office.directory.mailboxAt("user@local.example"));
  const change = (sender: string, kind: "allow-sender" | "deny-sender" = "allow-sender") =>
    problem((a) => a.mailboxes.changeSender("User@local.example", sender, kind), office);
  assert.equal(await change("Boss@Bücher.example"), "done");
  assert.equal(await change("@shop.example"), "done");
  const boss = { local: "boss", domain: domainOf("xn--bcher-kva.example") };
  assert.deepEqual(granted(), [boss, { domain: domainOf("shop.example") }]);
  assert.equal(await change("@shop.example", "deny-sender"), "done");
  assert.deepEqual(granted(), [boss]);
  assert.equal(await change("@shop.example", "deny-sender"), "@shop.example was not granted");
  assert.equal(office.proved.length, 0, "it opens no way out, so there is nothing to prove");
});

test("what cannot be granted is said", async () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["boss", '"boss" cannot be used: it has no domain'],
    ["@", '"@" is no domain; expected an address, or one such as @example.org'],
    ["@127.0.0.1", '"@127.0.0.1" is no domain; expected an address, or one such as @example.org'],
    ["a@[192.0.2.1]", '"a@[192.0.2.1]" cannot be used: its domain is an address literal'],
    ['""@shop.example', '""@shop.example: an address to send as has a name before the @'],
  ];
  for (const [sender, expected] of wrong)
    assert.equal(
      await problem((a) => a.mailboxes.changeSender("user@local.example", sender, "allow-sender")),
      expected,
    );
  assert.equal(
    await problem((a) =>
      a.mailboxes.changeSender("x@local.example", "a@b.example", "allow-sender"),
    ),
    "there is no mailbox x@local.example here",
  );
});

// ---- Aliases ----

test("an alias is added, pointed elsewhere, and removed", async () => {
  const office = new Office();
  await done(
    (a) =>
      a.aliases.set("Info@local.example", ["User@Local.example", "sales@local.example"], "add"),
    office,
  );
  assert.deepEqual(office.targets("info"), ["user@local.example", "sales@local.example"]);
  await done((a) => a.aliases.set("info@local.example", ["other@local.example"], "set"), office);
  assert.deepEqual(office.targets("info"), ["other@local.example"]);
  await done((a) => a.aliases.remove("INFO@local.example"), office);
  assert.equal(office.targets("info"), undefined);
});

test("targets stand in the alias as addresses that can be read again, each once", async () => {
  const office = new Office();
  office.directory.withMailbox('"john doe"@local.example');
  const targets = ['"John Doe"@local.example', "user@local.example", "USER@local.example"];
  await done((a) => a.aliases.set("info@local.example", targets, "add"), office);
  assert.deepEqual(office.targets("info"), ['"john doe"@local.example', "user@local.example"]);
});

test("a target elsewhere stays as it was written, for the case of its local part is not ours to judge", async () => {
  const office = new Office();
  const targets = ["Far.Away@Foreign.Example", "user@local.example"];
  await done((a) => a.aliases.set("info@local.example", targets, "add"), office);
  assert.deepEqual(office.targets("info"), ["Far.Away@foreign.example", "user@local.example"]);
});

test("a domain that an alias elsewhere leads into stays: without it that mail would leave", async () => {
  const office = new Office();
  await done((a) => a.domains.add("second.example"), office);
  await done((a) => a.mailboxes.add("amy@second.example", "a long password"), office);
  await done((a) => a.aliases.set("amy@local.example", ["amy@second.example"], "add"), office);
  assert.equal(
    await problem((a) => a.domains.remove("second.example"), office),
    "second.example cannot be removed: the alias amy@local.example leads to amy@second.example; change that first",
  );
});

// ---- Domains whose mailboxes are elsewhere ----

const INNER = domainOf("inner.example");

async function withInner(): Promise<Office> {
  const office = new Office();
  await done((a) => a.domains.add("Inner.example"), office);
  return office;
}

test("a domain whose mailboxes are elsewhere is added, with keys, and removed whoever leads into it", async () => {
  const office = await withInner();
  assert.deepEqual(
    office.directory.dkimKeys(INNER).map(({ state }) => state),
    ["signing"],
  );
  await done((a) => a.domains.rotateDkimKeys("inner.example"), office);
  await done((a) => a.domains.setCatchAll("inner.example", null), office);
  await done((a) => a.aliases.set("amy@local.example", ["Amy@inner.example"], "add"), office);
  await done((a) => a.domains.remove("inner.example"), office);
});

test("it has no mailboxes and no catch-all here, and it is said where they are", async () => {
  const office = await withInner();
  assert.equal(
    await problem((a) => a.mailboxes.add("x@inner.example", "secret"), office),
    "x@inner.example cannot be made here: the mailboxes of inner.example are at lmtp:/run/dovecot/lmtp (setting relay.domains)",
  );
  assert.equal(
    await problem((a) => a.domains.setCatchAll("inner.example", "user@local.example"), office),
    "inner.example cannot have a catch-all here: its mailboxes are at lmtp:/run/dovecot/lmtp (setting relay.domains)",
  );
});

test("its aliases lead here, to where its mailboxes are, and abroad, but not round", async () => {
  const office = await withInner();
  const targets = ["user@local.example", "Ann@inner.example", "joe@foreign.example"];
  await done((a) => a.aliases.set("Info@inner.example", targets, "add"), office);
  assert.deepEqual(office.directory.alias("info", INNER)?.targets, targets);
  assert.match(office.proved.at(-1) ?? "", /info user@local\.example,Ann@inner\.example,joe@/);
  await done((a) => a.aliases.set("ann@local.example", ["info@inner.example"], "add"), office);
  assert.equal(
    await problem((a) => a.aliases.set("info@inner.example", ["ann@local.example"], "set"), office),
    "ann@local.example leads back to info@inner.example",
  );
  assert.equal(
    await problem((a) => a.aliases.set("ann@inner.example", ["Ann@inner.example"], "add"), office),
    "Ann@inner.example leads back to itself: its mailbox at lmtp:/run/dovecot/lmtp gets no mail while there is an alias of that name",
  );
  assert.equal(
    await problem((a) => a.aliases.set("ann@inner.example", ["info@inner.example"], "add"), office),
    "info@inner.example leads back to ann@inner.example",
  );
});

test("what is wrong with an alias is said", async () => {
  const set =
    (address: string, targets: readonly string[], how: "add" | "set"): Act =>
    (a) =>
      a.aliases.set(address, targets, how);
  const user = ["user@local.example"];
  const wrong: readonly (readonly [Act, string])[] = [
    [
      set("sales@local.example", user, "add"),
      "there is an alias sales@local.example already; `alias set` changes it",
    ],
    [
      set("info@local.example", user, "set"),
      "there is no alias info@local.example; `alias add` makes it",
    ],
    [
      set("info@local.example", [], "add"),
      "info@local.example: an alias needs an address to lead to",
    ],
    [
      set("info@local.example", ["a%b@foreign.example"], "add"),
      "a%b@foreign.example: mail is not forwarded to a name with % ! @ / | or a leading dot",
    ],
    [
      set("info@local.example", [...user, "nobody@local.example"], "add"),
      "nobody@local.example is neither a mailbox nor an alias here",
    ],
    [
      set("info@local.example", ["info@local.example"], "add"),
      "info@local.example is neither a mailbox nor an alias here",
    ],
    [
      set("sales@local.example", ["sales@local.example"], "set"),
      "sales@local.example leads back to sales@local.example",
    ],
    [set("info@local.example", ["x"], "add"), '"x" cannot be used: it has no domain'],
    [(a) => a.aliases.remove("x"), '"x" cannot be used: it has no domain'],
    [(a) => a.aliases.remove("info@local.example"), "there is no alias info@local.example"],
  ];
  for (const [act, expected] of wrong) assert.equal(await problem(act), expected);
});

test("aliases cannot be made to go round, however long the way", async () => {
  const office = new Office();
  const way = ["sales", "a", "b", "c"].map((local) => `${local}@local.example`);
  for (const [i, address] of way.entries())
    if (i > 0) await done((a) => a.aliases.set(address, [way[i - 1] ?? ""], "add"), office);
  assert.equal(
    await problem((a) => a.aliases.set("sales@local.example", ["c@local.example"], "set"), office),
    "c@local.example leads back to sales@local.example",
  );
});

test("a circle that is there already does not keep the check from its end", async () => {
  const office = new Office();
  office.directory
    .withAlias("a@local.example", "b@local.example")
    .withAlias("b@local.example", "a@local.example");
  await done((a) => a.aliases.set("info@local.example", ["a@local.example"], "add"), office);
});

test("an alias that another one leads to stays", async () => {
  const office = new Office();
  await done((a) => a.aliases.set("info@local.example", ["sales@local.example"], "add"), office);
  assert.equal(
    await problem((a) => a.aliases.remove("sales@local.example"), office),
    "sales@local.example cannot be removed: the alias info@local.example leads to it; change that first",
  );
});

// ---- The proof ----

test("changes that the relay decision ranges over are proved on the directory that would result", async () => {
  const office = new Office();
  await done((a) => a.domains.add("second.example"), office);
  await done((a) => a.domains.setCatchAll("second.example", "user@local.example"), office);
  await done((a) => a.aliases.set("info@local.example", ["user@local.example"], "add"), office);
  await done((a) => a.aliases.remove("info@local.example"), office);
  const [sales, user] = ["sales user@local.example", office.directory.mailbox("user", OURS)?.id];
  assert.deepEqual(office.proved, [
    `local.example -; second.example -; ${sales}`,
    `local.example -; second.example ${user}; ${sales}`,
    `local.example -; second.example ${user}; info user@local.example; ${sales}`,
    `local.example -; second.example ${user}; ${sales}`,
  ]);
  await done((a) => a.mailboxes.add("new@local.example", "x"), office);
  assert.equal(office.proved.length, 4, "a mailbox of a domain of ours is no new edge");
});

test("what the proof does not hold for is not done, and its report is shown", async () => {
  const office = new Office();
  office.report = "R30 relayed:\n  C: RCPT TO:<u%foreign.example@local.example>";
  const refused = `the relay proof fails with this change:\n${office.report}`;
  assert.equal(await problem((a) => a.domains.add("second.example"), office), refused);
  assert.equal(
    await problem((a) => a.domains.setCatchAll("local.example", "user@local.example"), office),
    refused,
  );
  assert.equal(
    await problem(
      (a) => a.aliases.set("info@local.example", ["user@local.example"], "add"),
      office,
    ),
    refused,
  );
  assert.equal(await problem((a) => a.aliases.remove("sales@local.example"), office), refused);
  assert.equal(office.directory.domains().length, 1);
  assert.deepEqual(office.targets("sales"), ["user@local.example"]);
});

// ---- Everything, page by page ----

test("all mailboxes and aliases are read, however many pages they take", () => {
  const directory = new MemoryDirectory().withDomain("a.example").withDomain("b.example");
  for (let i = 0; i < 501; i++) directory.withAlias(`alias${i}@a.example`, "user0@b.example");
  for (let i = 0; i < 501; i++) directory.withMailbox(`user${i}@a.example`);
  directory.withMailbox("user0@b.example");
  assert.equal(new Set([...everyAlias(directory)].map(({ local }) => local)).size, 501);
  assert.equal([...everyMailbox(directory)].length, 502);
  assert.equal([...everyMailbox(directory, domainOf("a.example"))].length, 501);
  assert.equal([...everyAlias(new MemoryDirectory())].length, 0);
});
