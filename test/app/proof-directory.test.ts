/** What the proof sees of a site: its directory, and a few names that are there on every site. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failingDirectory, ProofDirectory } from "../../src/app/proof-directory.ts";
import { parseAddress, type Address } from "../../src/mail/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (typeof parsed === "string") throw new Error(`${text}: ${parsed}`);
  return parsed;
}

function seen(directory: MemoryDirectory, ...gateways: readonly string[]): ProofDirectory {
  const domains = new Set(gateways.map(domainOf));
  return new ProofDirectory(directory, address("Admin@local.example"), domains);
}

const OURS = domainOf("local.example");

test("a user with room, a full mailbox, a catch-all and an IDN domain are there on every site", () => {
  for (const directory of [
    new MemoryDirectory(),
    new MemoryDirectory().withDomain("local.example"),
  ]) {
    const { domainOfOurs, user, full, international, catchAllDomain, ...proof } = over(directory);
    assert.notEqual(proof.domain(domainOfOurs), undefined);
    assert.equal(proof.mailbox(user.local, domainOfOurs)?.id, user.id);
    assert.deepEqual([user.disabled, user.quotaOctets], [false, undefined]);
    const there = proof.mailbox(full.local, domainOfOurs);
    assert.equal(there?.quotaOctets, there?.usedOctets);
    assert.notEqual(proof.mailbox(user.local, international), undefined);
    assert.equal(proof.domain(catchAllDomain)?.catchAll, user.id);
    assert.equal(proof.mailboxById(user.id)?.local, user.local);
    assert.equal(proof.mailbox("nobody", domainOfOurs), undefined);
  }
});

/** The reads as functions of their own, beside the names. */
function over(directory: MemoryDirectory) {
  const proof = seen(directory);
  const { domainOfOurs, user, full, international, catchAllDomain } = proof;
  return {
    domainOfOurs,
    user,
    full,
    international,
    catchAllDomain,
    domain: proof.domain.bind(proof),
    mailbox: proof.mailbox.bind(proof),
    mailboxById: proof.mailboxById.bind(proof),
  };
}

test("names that are laid over a site are never keys or domains of its own", () => {
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("user@local.example");
  const proof = seen(directory);
  assert.ok(proof.user.id < 0 && proof.full.id < 0);
  assert.equal(directory.domain(proof.foreign), undefined);
  assert.equal(directory.domain(proof.attacker), undefined);
  assert.notEqual(proof.foreign, proof.attacker);
});

test("foreign domains are foreign even where a site serves the usual ones", () => {
  const usual = seen(new MemoryDirectory());
  const directory = new MemoryDirectory().withDomain(usual.foreign).withDomain(usual.attacker);
  const proof = seen(directory);
  for (const domain of [proof.foreign, proof.attacker])
    assert.equal(directory.domain(domain), undefined);
});

test("a gateway's domain stands for none of those with mailboxes here, and is nobody's foreign one", () => {
  const directory = new MemoryDirectory().withDomain("inner.example").withDomain("local.example");
  const usual = seen(directory);
  assert.equal(usual.domainOfOurs, "inner.example");
  assert.equal(seen(directory, "inner.example").domainOfOurs, "local.example");
  const proof = seen(directory, "inner.example", usual.foreign, usual.attacker);
  assert.notEqual(proof.foreign, usual.foreign);
  assert.notEqual(proof.attacker, usual.attacker);
});

test("all else is the site's: its domains, mailboxes, aliases and catch-alls", () => {
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("user@local.example");
  directory.withDomain("second.example", directory.mailboxAt("user@local.example"));
  directory.withAlias("sales@local.example", "user@local.example");
  const proof = seen(directory);
  const user = directory.mailbox("user", OURS);
  assert.deepEqual(proof.mailbox("user", OURS), user);
  assert.deepEqual(proof.mailboxById(user?.id ?? assert.fail()), user);
  assert.equal(proof.domain(domainOf("second.example"))?.catchAll, user?.id);
  assert.deepEqual(proof.alias("sales", OURS)?.targets, ["user@local.example"]);
  assert.equal(proof.domain(domainOf("foreign.example")), undefined);
});

test("a site's first domain stands for all of them, unless its name leaves no room in a path", () => {
  const long = `${"a".repeat(60)}.${"b".repeat(60)}.example`;
  assert.equal(
    seen(new MemoryDirectory().withDomain("local.example")).domainOfOurs,
    "local.example",
  );
  assert.equal(
    seen(new MemoryDirectory().withDomain(long).withDomain("local.example")).domainOfOurs,
    "local.example",
  );
  assert.notEqual(seen(new MemoryDirectory().withDomain(long)).domainOfOurs, long);
});

test("the proof does not hang on how full or how disabled postmaster's mailbox is", () => {
  const directory = new MemoryDirectory().withDomain("local.example");
  directory.mailboxAt("admin@local.example", { disabled: true, quotaOctets: 1, usedOctets: 1 });
  directory.mailboxAt("user@local.example", { disabled: true });
  const proof = seen(directory);
  const admin = proof.mailbox("admin", OURS);
  assert.deepEqual([admin?.disabled, admin?.quotaOctets], [false, undefined]);
  assert.equal(proof.mailbox("user", OURS)?.disabled, true, "others are as they are");
});

test("where a message went is told by address", () => {
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("user@local.example");
  const proof = seen(directory);
  assert.equal(proof.addressOfId(directory.mailboxAt("user@local.example")), "user@local.example");
  assert.equal(proof.addressOfId(proof.user.id), `${proof.user.local}@local.example`);
  const other = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("a@local.example", "b@local.example");
  assert.equal(
    proof.addressOfId(other.mailboxAt("b@local.example")),
    "a mailbox that does not exist",
  );
});

test("a directory that is away throws at every question", () => {
  const away = failingDirectory();
  const { id } = seen(new MemoryDirectory()).user;
  for (const question of [
    () => away.domain(OURS),
    () => away.mailbox("user", OURS),
    () => away.mailboxById(id),
    () => away.alias("user", OURS),
  ])
    assert.throws(question, /does not answer/);
});
