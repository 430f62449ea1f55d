/** A login sends only as its own addresses: which those are, in the envelope and in the header section, and in which words the rest is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatStatus,
  parsePath,
  readAuthors,
  type Login,
  type SenderGrant,
} from "../../src/mail/index.ts";
import {
  ownAuthorsCheck,
  ownSenderCheck,
  type SenderDirectory,
} from "../../src/policy/checks/own-sender.ts";
import { Routing } from "../../src/policy/routing/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const directory = new MemoryDirectory()
  .withDomain("local.example")
  .withDomain("other.example")
  .withMailbox("ann@local.example", "bob@local.example", "admin@local.example")
  .withMailbox("ann@other.example")
  .withAlias("sales@local.example", "ann@local.example", "bob@local.example")
  .withAlias("office@other.example", "sales@local.example")
  .withAlias("team@local.example", "bob@local.example")
  .withAlias("gone@local.example", "nobody@local.example");

const ann: Login = {
  mailbox: directory.mailboxAt("ann@local.example"),
  address: "ann@local.example",
};
const admin: Login = {
  mailbox: directory.mailboxAt("admin@local.example"),
  address: "admin@local.example",
};
directory.withDomain("other.example", ann.mailbox); // all else there is caught by ann

const GRANTS: readonly SenderGrant[] = [
  { local: "boss", domain: domainOf("abroad.example") },
  { domain: domainOf("shop.example") },
];

const postmaster = () => directory.mailbox("admin", domainOf("local.example"));
const routing = new Routing({ directory, postmaster });
const senders: SenderDirectory = {
  route: (recipient) => routing.route(recipient),
  senderGrants: (mailbox) => (mailbox === ann.mailbox ? GRANTS : []),
};

/** What the envelope check says of this reverse-path. */
function asked(path: string, login = ann): string {
  const read = parsePath(path, 0, true);
  assert.ok(read.kind === "address" || read.kind === "null", path);
  const check = ownSenderCheck(senders);
  const facts = check.gather({ login, reversePath: read.kind === "null" ? null : read.address });
  assert.ok(!(facts instanceof Promise));
  assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts, "facts can be written down");
  const verdict = check.judge(facts);
  return "status" in verdict ? formatStatus(verdict.status) : facts.senderIs;
}

test("a login's own addresses are its mailbox with its sub-addresses, what leads mail to it, and what was granted", () => {
  const own: readonly (readonly [string, string])[] = [
    ["<ann@local.example>", "mailbox"],
    ["<ANN@Local.Example>", "mailbox"],
    ['<"ann"@local.example>', "mailbox"],
    ["<ann+shop@local.example>", "mailbox"],
    ["<sales@local.example>", "alias"],
    ["<sales+x@local.example>", "alias"],
    ["<office@other.example>", "alias"],
    ["<boss@abroad.example>", "granted address"],
    ["<Boss@abroad.example>", "granted address"],
    ["<any.one+x@shop.example>", "granted domain"],
    ["<>", "null path"],
  ];
  for (const [path, expected] of own) assert.equal(asked(path), expected, path);
});

test("postmaster's mail is answered by whoever gets it", () => {
  for (const path of ["<postmaster@local.example>", "<abuse@other.example>"]) {
    assert.equal(asked(path, admin), "role", path);
    assert.match(asked(path), /^550 5\.7\.1 /, path);
  }
});

test("all else is refused: login, address and rule are named", () => {
  const others = [
    "bob@local.example",
    "ann@other.example", // another mailbox of the same name
    "team@local.example",
    "gone@local.example",
    "nobody@local.example",
    "caught@other.example", // a catch-all is every name of a domain
    "ann@abroad.example",
    "boss+x@abroad.example",
    "boss@sub.abroad.example",
    "ann@sub.shop.example",
    "ann@[127.0.0.1]",
  ];
  for (const address of others)
    assert.equal(
      asked(`<${address}>`),
      `550 5.7.1 ann@local.example may not send as ${address}: not its mailbox, alias or granted address`,
    );
  // A name that some server would unpack is nobody's, whatever stands in it.
  assert.match(asked('<"ann@local.example"@local.example>'), /^550 5\.7\.1 /);
  assert.match(asked("<ann%local.example@local.example>"), /^550 5\.7\.1 /);
});

test("grants are each mailbox's own", () => {
  assert.match(asked("<boss@abroad.example>", admin), /^550 5\.7\.1 admin@local\.example /);
});

test("a directory that does not answer decides nothing", () => {
  directory.broken = true;
  assert.throws(() => asked("<ann@local.example>"), /does not answer/);
  directory.broken = false;
});

/** What the check of the header section says. */
function judged(section: string): string {
  const check = ownAuthorsCheck(senders);
  const facts = check.gather({ login: ann, authors: readAuthors(Buffer.from(section)) });
  assert.ok(!(facts instanceof Promise));
  assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts, "facts can be written down");
  const verdict = check.judge(facts);
  if ("status" in verdict) return formatStatus(verdict.status);
  return `${facts.authorField} ${facts.author} ${facts.authorIs}`;
}

test("every address in From, Sender and the Resent fields has to be the login's own", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["From: Bob <ann+x@local.example>", "From ann+x@local.example mailbox"],
    ["From: ann@local.example, sales@local.example", "From ann@local.example mailbox"],
    ["Sender: boss@abroad.example\r\nFrom: ann@local.example", "From ann@local.example mailbox"],
  ];
  for (const [section, expected] of cases) assert.equal(judged(section), expected, section);
  const refused: readonly (readonly [string, string])[] = [
    ["From: bob@local.example", "From"],
    ["From: ann@local.example, bob@local.example", "From"],
    ["From: us: ann@local.example, bob@local.example;", "From"],
    // A sender of one's own does not make another one's words one's own.
    ["Sender: ann@local.example\r\nFrom: bob@local.example", "From"],
    ["Sender: bob@local.example\r\nFrom: ann@local.example", "Sender"],
    ["Resent-From: bob@local.example\r\nFrom: ann@local.example", "Resent-From"],
    ["Resent-Sender: bob@local.example\r\nFrom: ann@local.example", "Resent-Sender"],
    ["Resent-From: ann@local.example\r\nFrom: bob@local.example", "From"],
  ];
  for (const [section, field] of refused)
    assert.equal(
      judged(section),
      `550 5.7.1 ann@local.example may not send as bob@local.example (header field ${field}): ` +
        "not its mailbox, alias or granted address",
      section,
    );
});

test("a header section that does not say who wrote it is refused", () => {
  assert.equal(judged("Subject: x"), "550 5.6.0 there is no From field");
  assert.equal(
    judged("From: ann@local.example\r\nFrom: ann@local.example"),
    "550 5.6.0 there are 2 From fields",
  );
  assert.match(
    judged("From: ann@local.example <ann@local.example>"),
    /^550 5\.6\.0 the From field cannot/,
  );
});

test("a login's message without what its header section says is a bug, not a yes", () => {
  assert.throws(() => ownAuthorsCheck(senders).gather({ login: ann }), /without its authors/);
});
