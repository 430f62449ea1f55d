/** Recipient → class and mailboxes, over a site written down in each test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, parsePath, type Address, type ForwardPath } from "../../src/mail/index.ts";
import {
  ALIAS_REACH_LIMIT,
  RECIPIENT_CLASSES,
  Routing,
  type Gateways,
  type Returns,
  type Route,
  type RoutedMailbox,
  type TestDomain,
} from "../../src/policy/routing/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const OURS = "local.example";

function path(text: string): { forwardPath: ForwardPath; sourceRoute: boolean } {
  const result = parsePath(`<${text}>`, 0, true);
  switch (result.kind) {
    case "postmaster":
      return { forwardPath: "postmaster", sourceRoute: false };
    case "address":
      return { forwardPath: result.address, sourceRoute: result.routed };
    case "null":
    case "fault":
      throw new Error(`${text} is no recipient`);
  }
}

const GATEWAYS: Gateways = {
  has: (domain) => domain === "inner.example" || domain === "held.example",
};

/** Whatever stands behind "back=" says what it is. */
const RETURNS: Returns = {
  read: (local) => {
    switch (local) {
      case "back=good":
        return { kind: "valid", original: addressOf("joe@foreign.example") };
      case "back=old":
        return { kind: "expired", original: addressOf("joe@foreign.example") };
      case "back=ours":
        return { kind: "valid", original: addressOf("user@local.example") };
      case "back=tests":
        return { kind: "valid", original: addressOf("t-1@tests.example") };
      case "back=inner":
        return { kind: "valid", original: addressOf("ann@inner.example") };
      case "back=literal":
        return { kind: "valid", original: addressOf("joe@[192.0.2.1]") };
      case "back=bad":
        return { kind: "forged" };
      default:
        return { kind: "no return" };
    }
  },
};

/** Whatever begins with "t-" is a token. */
const TESTS: TestDomain = {
  domain: domainOf("tests.example"),
  read: (local) =>
    local.startsWith("t-")
      ? { token: local.replace(/\.b$/, ""), isSender: local.endsWith(".b") }
      : undefined,
};

function addressOf(text: string): Address {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string", text);
  return address;
}

/** Routes, and tells class and mailboxes in one line: "alias: user@local.example". */
function routed(directory: MemoryDirectory, recipient: string): string {
  const postmaster = (): RoutedMailbox | undefined => directory.mailbox("admin", domainOf(OURS));
  const routing = new Routing({
    directory,
    postmaster,
    gateways: GATEWAYS,
    returns: RETURNS,
    tests: TESTS,
  });
  return told(routing.route(path(recipient)));
}

function told({ recipient: kind, mailboxes, abroad, otherwise, test: of }: Route): string {
  const here = mailboxes.map(({ local, domain }) => `${local}@${domain}`);
  const there = abroad.map(
    ({ address, via }) => `→ ${address}${via === undefined ? "" : ` by ${via}`}`,
  );
  const instead = otherwise === undefined ? [] : [`else ${told(otherwise)}`];
  const token = of === undefined ? [] : [of.isSender ? `report on ${of.token}` : of.token];
  return [`${kind}:`, ...here, ...there, ...instead, ...token].join(" ").replace(/:$/, "");
}

/** A site with one of each. */
function site(): MemoryDirectory {
  const directory = new MemoryDirectory().withDomain(OURS).withDomain("bücher.example");
  directory.withMailbox("admin@local.example", "user@local.example", "other@local.example");
  directory.withMailbox(
    '""@local.example',
    "user@bücher.example",
    '"john doe"@local.example',
    "übung@local.example",
  );
  directory.mailboxAt("locked@local.example", { disabled: true });
  directory.withDomain("all.example", directory.mailboxAt("user@local.example"));
  directory.withDomain("gone.example", directory.mailboxAt("locked@local.example"));
  directory.withMailbox("known@all.example");
  return directory
    .withAlias("sales@local.example", "user@local.example", "other@local.example")
    .withAlias("john@local.example", '"john doe"@local.example')
    .withAlias("void@local.example", "nobody@local.example", "no address")
    .withAlias("half@local.example", "locked@local.example", "user@local.example")
    .withAlias("dead@local.example", "locked@local.example")
    .withAlias("away@local.example", "Far.Away@foreign.example")
    .withAlias(
      "mixed@local.example",
      "user@local.example",
      "locked@local.example",
      "away@local.example",
    )
    .withAlias("shut@local.example", "locked@local.example", "away@local.example")
    .withAlias("inner@local.example", "ann@inner.example")
    .withAlias("tricky@local.example", "u%foreign.example@foreign.example", "u@[192.0.2.1]")
    .withAlias("literal@local.example", "user@[192.0.2.1]", "u@[127.0.0.1]")
    .withAlias("tester@local.example", "t-1@tests.example", "u@tests.example")
    .withAlias("sales@all.example", "user@local.example")
    .withAlias("board@local.example", "info@held.example", "Carl@held.example");
}

/** The gateway's domain that is in the directory too, with what no command would put there. */
function withHeldGateway(directory: MemoryDirectory): MemoryDirectory {
  return directory
    .withDomain("held.example", directory.mailboxAt("user@local.example"))
    .withMailbox("left@held.example")
    .withAlias("info@held.example", "user@local.example", "Bob@held.example")
    .withAlias("far@held.example", "joe@foreign.example")
    .withAlias("loop@held.example", "LOOP@held.example", "back@held.example")
    .withAlias("back@held.example", "loop@held.example", "left@held.example")
    .withAlias("abuse@held.example", "locked@local.example")
    .withAlias("void@held.example", "u%foreign.example@held.example");
}

const ROUTES: readonly (readonly [string, string])[] = [
  ["user@local.example", "mailbox: user@local.example"],
  ["USER@LOCAL.example", "mailbox: user@local.example"],
  ['"user"@local.example', "mailbox: user@local.example"],
  ['"John Doe"@local.example', "mailbox: john doe@local.example"],
  ["u\u0308bung@local.example", "mailbox: übung@local.example"],
  ["user@bücher.example", "mailbox: user@xn--bcher-kva.example"],
  ["user@xn--bcher-kva.example", "mailbox: user@xn--bcher-kva.example"],
  ["other@bücher.example", "unknown mailbox"],
  ["nobody@local.example", "unknown mailbox"],
  ["locked@local.example", "disabled mailbox"],
  // Sub-addresses: the first + ends the name (relay catalogue R55: the tag is never looked into).
  ["user+tag@local.example", "mailbox: user@local.example"],
  ["user+a+b@local.example", "mailbox: user@local.example"],
  ["user+@local.example", "mailbox: user@local.example"],
  ["user+u=foreign.example@local.example", "mailbox: user@local.example"],
  ["sales+tag@local.example", "alias: user@local.example other@local.example"],
  ["locked+tag@local.example", "disabled mailbox"],
  ["nobody+tag@local.example", "unknown mailbox"],
  ["+user@local.example", "unknown mailbox"],
  ["+@local.example", "unknown mailbox"],
  // Aliases.
  ["sales@local.example", "alias: user@local.example other@local.example"],
  ["john@local.example", "alias: john doe@local.example"],
  ["half@local.example", "alias: user@local.example"],
  ["dead@local.example", "disabled mailbox"],
  ["void@local.example", "unknown mailbox"],
  ["literal@local.example", "unknown mailbox"],
  // Catch-all: only what no name takes.
  ["anything@all.example", "catch-all: user@local.example"],
  ["any+tag@all.example", "catch-all: user@local.example"],
  ["known@all.example", "mailbox: known@all.example"],
  ["sales@all.example", "alias: user@local.example"],
  ["anything@gone.example", "disabled mailbox"],
  // Roles, of every domain of ours and of none else (relay catalogue R64, R65).
  ["postmaster", "role: admin@local.example"],
  ["postmaster@local.example", "role: admin@local.example"],
  ["Abuse@bücher.example", "role: admin@local.example"],
  ["postmaster+tag@local.example", "role: admin@local.example"],
  ["abuse@all.example", "role: admin@local.example"],
  // Where others report TLS: of every domain of ours, unless it has its own.
  ["tls-reports@local.example", "report address: admin@local.example"],
  ["TLS-Reports+x@all.example", "report address: admin@local.example"],
  [
    "tls-reports@inner.example",
    "gateway recipient: → tls-reports@inner.example by inner.example else report address: admin@local.example",
  ],
  ["tls-reports@foreign.example", "foreign domain: → tls-reports@foreign.example"],
  ["postmaster@foreign.example", "foreign domain: → postmaster@foreign.example"],
  ["webmaster@local.example", "unknown mailbox"],
  // Aliases that lead abroad.
  ["away@local.example", "alias abroad: → Far.Away@foreign.example by away@local.example"],
  [
    "Mixed+tag@local.example",
    "alias abroad: user@local.example → Far.Away@foreign.example by mixed@local.example",
  ],
  ["shut@local.example", "alias abroad: → Far.Away@foreign.example by shut@local.example"],
  ["inner@local.example", "alias abroad: → ann@inner.example by inner@local.example"],
  ["tricky@local.example", "unknown mailbox"],
  // A domain whose mailboxes are on another host: only itself, no host below it.
  ["Ann@inner.example", "gateway recipient: → Ann@inner.example by inner.example"],
  [
    "Abuse+tag@inner.example",
    "gateway recipient: → Abuse+tag@inner.example by inner.example else role: admin@local.example",
  ],
  ["ann%foreign.example@inner.example", "routing characters"],
  ["ann@sub.inner.example", "foreign domain: → ann@sub.inner.example"],
  // One that is in the directory too has its aliases, and so returns; never mailboxes or a catch-all.
  ["Ann@held.example", "gateway recipient: → Ann@held.example by held.example"],
  ["left@held.example", "gateway recipient: → left@held.example by held.example"],
  ["Info@held.example", "alias abroad: user@local.example → Bob@held.example by info@held.example"],
  ["far+tag@held.example", "alias abroad: → joe@foreign.example by far@held.example"],
  ["loop@held.example", "alias abroad: → left@held.example by loop@held.example"],
  ["void@held.example", "unknown mailbox"],
  ["far%foreign.example@held.example", "routing characters"],
  ["far@sub.held.example", "foreign domain: → far@sub.held.example"],
  ["far@inner.example", "gateway recipient: → far@inner.example by inner.example"],
  [
    "abuse@held.example",
    "gateway recipient: → abuse@held.example by held.example else role: admin@local.example",
  ],
  ["back=good@held.example", "forward's return: → joe@foreign.example by back=good@held.example"],
  ["back=bad@held.example", "forged return"],
  ["back=inner@held.example", "forged return"],
  ["back=good@inner.example", "gateway recipient: → back=good@inner.example by inner.example"],
  [
    "board@local.example",
    "alias abroad: user@local.example → Carl@held.example by board@local.example → Bob@held.example by board@local.example",
  ],
  // Where forwards return to.
  ["back=good@local.example", "forward's return: → joe@foreign.example by back=good@local.example"],
  ["back=old@local.example", "stale return: → joe@foreign.example by back=old@local.example"],
  ["back=bad@local.example", "forged return"],
  ["back=ours@local.example", "forged return"],
  ["back=inner@local.example", "forged return"],
  ["back=tests@local.example", "forged return"],
  ["back=literal@local.example", "forged return"],
  ["back=good@foreign.example", "foreign domain: → back=good@foreign.example"],
  // Where relay tests come back to: tokens, roles, and nobody else; nothing of it is abroad, nor elsewhere one of ours.
  ["t-1@tests.example", "relay test's return: t-1"],
  ["t-1.b@TESTS.example", "relay test's return: report on t-1"],
  ["u@tests.example", "relay test's return"],
  ["user@tests.example", "relay test's return"],
  ["tls-reports@tests.example", "relay test's return"],
  ["Postmaster+tag@tests.example", "role: admin@local.example"],
  ["abuse@tests.example", "role: admin@local.example"],
  ["t-1%foreign.example@tests.example", "routing characters"],
  ["@tests.example:u@foreign.example", "source route"],
  ["t-1@local.example", "unknown mailbox"],
  ["t-1@all.example", "catch-all: user@local.example"],
  ["t-1@sub.tests.example", "foreign domain: → t-1@sub.tests.example"],
  ["t-1@foreign.example", "foreign domain: → t-1@foreign.example"],
  ["tester@local.example", "unknown mailbox"],
  // Not ours (relay catalogue R70 to R72).
  ["u@foreign.example", "foreign domain: → u@foreign.example"],
  ["u@evillocal.example", "foreign domain: → u@evillocal.example"],
  ["u@sub.local.example", "foreign domain: → u@sub.local.example"],
  ["u@local.example.foreign.example", "foreign domain: → u@local.example.foreign.example"],
  ["user@[192.0.2.1]", "address literal"],
  ["postmaster@[IPv6:::1]", "address literal"],
  // Routes in the local part or before it, to whatever domain.
  ["@local.example:user@local.example", "source route"],
  ["@local.example:u@foreign.example", "source route"],
  ["user%foreign.example@local.example", "routing characters"],
  ['"u@foreign.example"@local.example', "routing characters"],
  ["foreign.example!u@local.example", "routing characters"],
  ["u%foreign.example@all.example", "routing characters"],
  ["u%foreign.example@foreign.example", "routing characters"],
  ["u%foreign.example@[192.0.2.1]", "routing characters"],
  ["/etc/passwd@all.example", "routing characters"],
  [".x@all.example", "routing characters"],
];

test("each recipient has one class, and only mailboxes of ours", () => {
  const directory = withHeldGateway(site());
  for (const [recipient, expected] of ROUTES)
    assert.equal(routed(directory, recipient), expected, recipient);
});

/** Of unknown mailboxes, by what SPF says of the sender: routing knows no sender. */
const BY_SENDER = /^unknown mailbox, /;

test("the table above and the roles below show every class", () => {
  const shown = new Set(ROUTES.map(([, expected]) => expected.split(":")[0]));
  for (const kind of RECIPIENT_CLASSES)
    assert.ok(shown.has(kind) || kind === "role without mailbox" || BY_SENDER.test(kind), kind);
});

test("a domain that has mail here keeps it, also where somebody means it for tests", () => {
  const both = site().withDomain("tests.example").withMailbox("t-1@tests.example");
  assert.equal(routed(both, "t-1@tests.example"), "mailbox: t-1@tests.example");
  assert.equal(routed(both, "t-2@tests.example"), "unknown mailbox");
});

test("a role is answered by its own mailbox or alias where that works, by postmaster's where it does not", () => {
  const own = site()
    .withMailbox("abuse@local.example")
    .withMailbox("tls-reports@local.example")
    .withAlias("postmaster@local.example", "other@local.example");
  assert.equal(routed(own, "tls-reports@local.example"), "mailbox: tls-reports@local.example");
  assert.equal(routed(own, "abuse@local.example"), "mailbox: abuse@local.example");
  assert.equal(routed(own, "postmaster@local.example"), "alias: other@local.example");
  assert.equal(routed(own, "postmaster"), "role: admin@local.example");

  const broken = site().withAlias("postmaster@local.example", "nobody@local.example");
  broken.mailboxAt("abuse@local.example", { disabled: true });
  broken.withAlias("abuse@bücher.example", "locked@local.example");
  for (const role of ["postmaster@local.example", "abuse@local.example", "abuse@bücher.example"])
    assert.equal(routed(broken, role), "role: admin@local.example", role);
});

test("postmaster's mailbox takes role mail although it is disabled", () => {
  const directory = site();
  directory.mailboxAt("admin@local.example", { disabled: true });
  assert.equal(routed(directory, "abuse@local.example"), "role: admin@local.example");
  assert.equal(routed(directory, "admin@local.example"), "disabled mailbox");
});

test("a role without any mailbox is a class of its own, never a yes", () => {
  const directory = new MemoryDirectory()
    .withDomain(OURS)
    .withAlias("abuse@local.example", "x@local.example");
  for (const role of [
    "postmaster",
    "postmaster@local.example",
    "abuse@local.example",
    "tls-reports@local.example",
  ])
    assert.equal(routed(directory, role), "role without mailbox", role);
});

test("a catch-all whose mailbox is gone catches nothing", () => {
  const directory = new MemoryDirectory().withDomain(OURS);
  const other = new MemoryDirectory().withDomain(OURS).withMailbox("a@local.example");
  directory.withDomain(OURS, other.mailboxAt("a@local.example"));
  assert.equal(routed(directory, "x@local.example"), "unknown mailbox");
});

test("aliases lead on to aliases, however long the chain", () => {
  const directory = site();
  for (let i = 0; i < 50; i++)
    directory.withAlias(`a${i}@local.example`, `a${i + 1}@local.example`);
  directory.withAlias("a50@local.example", "user@local.example");
  assert.equal(routed(directory, "a0@local.example"), "alias: user@local.example");
});

test("an alias that is reached on a long way and on a short one counts on both", () => {
  const directory = site();
  for (let i = 0; i < 20; i++)
    directory.withAlias(`a${i}@local.example`, `a${i + 1}@local.example`);
  directory.withAlias("a20@local.example", "team@local.example");
  directory
    .withAlias("team@local.example", "b@local.example")
    .withAlias("b@local.example", "user@local.example");
  directory.withAlias(
    "all@local.example",
    "a0@local.example",
    "team@local.example",
    "other@local.example",
  );
  assert.equal(
    routed(directory, "all@local.example"),
    "alias: other@local.example user@local.example",
  );
});

test("a mailbox behind an alias gets one copy", () => {
  const directory = site().withAlias(
    "twice@local.example",
    "sales@local.example",
    "USER@LOCAL.example",
    "half@local.example",
  );
  assert.equal(
    routed(directory, "twice@local.example"),
    "alias: user@local.example other@local.example",
  );
});

test("aliases in a circle end", () => {
  const directory = site()
    .withAlias("a@local.example", "b@local.example", "user@local.example")
    .withAlias("b@local.example", "A@local.example", "b@local.example")
    .withAlias("self@local.example", "self@local.example");
  assert.equal(routed(directory, "a@local.example"), "alias: user@local.example");
  assert.equal(routed(directory, "b@local.example"), "alias: user@local.example");
  assert.equal(routed(directory, "self@local.example"), "unknown mailbox");
});

function layer(n: number): string[] {
  return Array.from({ length: 10 }, (_, i) => `l${n}-${i}@local.example`);
}

/** Ten layers of ten aliases, each leading to all of the next: 10^10 ways to the one mailbox. */
test("each address behind an alias is looked up once, however many ways lead to it", () => {
  const directory = site();
  for (let n = 0; n < 9; n++)
    for (const alias of layer(n)) directory.withAlias(alias, ...layer(n + 1));
  for (const alias of layer(9)) directory.withAlias(alias, "user@local.example");
  directory.reads = 0;
  assert.equal(routed(directory, "l0-0@local.example"), "alias: user@local.example");
  assert.ok(directory.reads <= 2 * (1 + 9 * 10 + 1), `${directory.reads} reads`);
});

function many(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `u${i}@local.example`);
}

test("an alias that leads to too many addresses is decided by nobody", () => {
  const directory = site();
  directory.withMailbox(...many(ALIAS_REACH_LIMIT));
  directory.withAlias("list@local.example", ...many(ALIAS_REACH_LIMIT - 1));
  assert.equal(routed(directory, "list@local.example").split(" ").length, ALIAS_REACH_LIMIT);
  directory.withAlias("list@local.example", ...many(ALIAS_REACH_LIMIT));
  assert.throws(
    () => routed(directory, "list@local.example"),
    /list@local\.example leads to more than 1000 addresses/,
  );
});

test("a directory that does not answer is an exception, not a class", () => {
  const directory = site();
  directory.broken = true;
  for (const recipient of ["user@local.example", "u@foreign.example", "postmaster"])
    assert.throws(() => routed(directory, recipient), /does not answer/, recipient);
});

test("an alias leads to what it names, a return to whom it came from also when it is stale, and nothing else does", () => {
  const directory = site();
  const routing = new Routing({
    directory,
    postmaster: () => undefined,
    gateways: GATEWAYS,
    returns: RETURNS,
  });
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["away@local.example", "Far.Away@foreign.example", true],
    ["mixed@local.example", "Far.Away@foreign.example", true],
    ["away@local.example", "other@foreign.example", false],
    ["user@local.example", "Far.Away@foreign.example", false],
    ["back=good@local.example", "joe@foreign.example", true],
    ["back=old@local.example", "joe@foreign.example", true],
    ["back=bad@local.example", "joe@foreign.example", false],
    ["no address", "joe@foreign.example", false],
  ];
  for (const [via, address, expected] of cases)
    assert.equal(routing.leadsTo(via, address), expected, `${via} ${address}`);
});

test("where relays are reported mail is collected, whoever has the name, in that domain alone", () => {
  const directory = site().withMailbox("relays@local.example").withMailbox("relays@all.example");
  const routing = new Routing({
    directory,
    postmaster: () => directory.mailbox("admin", domainOf(OURS)),
    relayReports: addressOf("Relays@local.example"),
  });
  const report = { recipient: "report address", about: "relay", abroad: [] };
  for (const recipient of ["relays@local.example", "RELAYS+x@LOCAL.example"]) {
    const { mailboxes, ...route } = routing.route(path(recipient));
    assert.deepEqual(route, report, recipient);
    assert.deepEqual(
      mailboxes.map(({ local }) => local),
      ["admin"],
    );
  }
  assert.equal(routing.route(path("relays@all.example")).recipient, "mailbox");
  assert.equal(routing.route(path("tls-reports@local.example")).about, "tls");
  assert.equal(routing.route(path("postmaster")).about, undefined);
});
