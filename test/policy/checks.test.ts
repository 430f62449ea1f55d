/** The decision table cell by cell, the checks, and how a stage asks them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  factText,
  formatStatus,
  parseAddress,
  parseIp,
  type Address,
  type Ip,
  type KnownPeer,
  type MailboxId,
  type PublicPeer,
} from "../../src/mail/index.ts";
import {
  CLIENT_CLASSES,
  clientClass,
  enumerateDecisions,
  stages,
  type Check,
  type Client,
  type ClientClass,
  type Decision,
  type Evidence,
  type RecipientSubject,
  type Verdict,
} from "../../src/policy/checks/index.ts";
import { relayCheck } from "../../src/policy/checks/relay.ts";
import { stage, STAGE_FACTS_OCTETS } from "../../src/policy/checks/stage.ts";
import {
  RECIPIENT_CLASSES,
  type RecipientClass,
  type RoutedMailbox,
} from "../../src/policy/routing/index.ts";
import { domainOf } from "../support/memory-directory.ts";
import { UNLIMITED } from "../support/unlimited.ts";

// ---- The decision table ----

/** What stands in each row, whoever asks; and the one in which it matters. */
const TABLE: Readonly<Record<RecipientClass, string>> = {
  mailbox: "deposit",
  alias: "deposit",
  role: "deposit",
  "report address": "deposit",
  "catch-all": "deposit",
  "relay test's return": "keep",
  "alias abroad": "relay alias",
  "gateway recipient": "relay route",
  "forward's return": "relay return",
  "stale return": "550 5.7.1",
  "forged return": "550 5.7.1",
  "disabled mailbox": "550 5.2.1",
  "unknown mailbox": "550 5.1.1",
  "unknown mailbox, to be reported": "report 550 5.1.1",
  "unknown mailbox, sender undecided": "451 4.4.3",
  "role without mailbox": "451 4.3.0",
  "foreign domain": "550 5.7.1",
  "address literal": "550 5.7.1",
  "routing characters": "550 5.7.1",
  "source route": "550 5.7.1",
};

const TO_FOREIGN_DOMAINS: Readonly<Record<string, string>> = {
  login: "relay login",
  "trusted network": "relay network",
  peer: "relay peer",
};

function shown(decision: Decision): string {
  switch (decision.kind) {
    case "deposit":
    case "keep":
      return decision.kind;
    case "relay":
      return `relay ${decision.basis}`;
    case "report":
      return `report ${decision.status.code} ${decision.status.enhanced}`;
    case "refuse":
      return `${decision.status.code} ${decision.status.enhanced}`;
  }
}

test("every cell of the decision table is what is written here: abroad send only a login, a trusted network and a peer", () => {
  const cells = enumerateDecisions();
  assert.equal(cells.length, CLIENT_CLASSES.length * RECIPIENT_CLASSES.length);
  const clients = [
    "public address",
    "private address",
    "loopback",
    "trusted network",
    "peer",
    "login",
  ] as const;
  assert.deepEqual(
    cells.map(({ client, recipient, decision }) => [client, recipient, shown(decision)]),
    clients.flatMap((client) =>
      RECIPIENT_CLASSES.map((recipient) => {
        const own = recipient === "foreign domain" ? TO_FOREIGN_DOMAINS[client] : undefined;
        return [client, recipient, own ?? TABLE[recipient]];
      }),
    ),
  );
});

function depositAll(): Decision {
  return { kind: "deposit" };
}

test("the table is enumerated over the decision that is in force", () => {
  assert.ok(enumerateDecisions(depositAll).every(({ decision }) => decision.kind === "deposit"));
});

test("a stranger's class is read from the address alone", () => {
  const classes: readonly (readonly [string, ClientClass])[] = [
    ["192.0.43.8", "public address"],
    ["2a00:1450::1", "public address"],
    ["10.0.0.1", "private address"],
    ["169.254.1.1", "private address"],
    ["fd00::1", "private address"],
    ["fe80::1%eth0", "private address"],
    ["127.0.0.1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::1", "loopback"],
  ];
  for (const [text, expected] of classes) {
    const ip = parseIp(text);
    assert.ok(ip !== undefined);
    assert.equal(clientClass({ ip }), expected, text);
    assert.equal(clientClass({ ip, network: "192.0.2.0/28" }), "trusted network", text);
    assert.equal(clientClass({ ip, network: "192.0.2.0/28", login: "u@x" }), "login", text);
  }
});

const HUB: KnownPeer = {
  name: "hub",
  trust: { kind: "pin", keys: [] },
  relays: [{ sender: domainOf("hub.example"), recipient: domainOf("foreign.example") }],
};

test("a peer that may relay is one; without pairs it is a stranger from its address", () => {
  const ip = ipOf("10.0.0.1");
  const named: PublicPeer = {
    name: "named",
    trust: { kind: "public authority", names: [] },
    relays: [],
  };
  assert.equal(clientClass({ ip, peer: HUB }), "peer");
  for (const peer of [{ ...HUB, relays: [] }, named])
    assert.equal(clientClass({ ip, peer }), "private address");
  assert.equal(clientClass({ ip, peer: HUB, network: "10.0.0.0/28" }), "trusted network");
  assert.equal(clientClass({ ip, peer: HUB, login: "u@x" }), "login");
});

// ---- The stages in force ----

const STRANGER: Client = { ip: ipOf("192.0.43.8") };

function ipOf(text: string): Ip {
  const ip = parseIp(text);
  assert.ok(ip !== undefined, text);
  return ip;
}

function mailbox(usedOctets: number, quotaOctets?: number): RoutedMailbox {
  const id = 1 as MailboxId; // no store is asked
  const quota = quotaOctets === undefined ? {} : { quotaOctets };
  return {
    id,
    local: "user",
    domain: domainOf("local.example"),
    disabled: false,
    usedOctets,
    ...quota,
  };
}

function subject(
  recipient: RecipientClass,
  mailboxes: readonly RoutedMailbox[],
  declaredOctets = 0,
): RecipientSubject {
  return {
    client: STRANGER,
    reversePath: null,
    forwardPath: "postmaster",
    route: { recipient, mailboxes, abroad: [] },
    declaredOctets,
    recipientsBefore: 0,
    returnBefore: false,
  };
}

/** A verdict in one line; every stage in force answers at once. */
function told(verdict: Verdict | Promise<Verdict>): string {
  assert.ok(!(verdict instanceof Promise));
  const words = "status" in verdict ? ` ${formatStatus(verdict.status)}` : "";
  return `${verdict.check} ${verdict.action}${words}`;
}

test("the recipient stage says what the table says, as a deferral where it is transient", () => {
  const { recipient: judge } = stages();
  for (const kind of RECIPIENT_CLASSES) {
    const code = TABLE[kind];
    if (code === "keep") continue;
    const expected =
      code === "deposit" || code.startsWith("relay") || code.startsWith("report")
        ? /^relay, peer, return, network spread, quota, gateway continue$/
        : new RegExp(`^relay ${code.startsWith("4") ? "defer" : "refuse"} ${code} `);
    assert.match(told(judge(subject(kind, []))), expected, kind);
  }
});

test("evidence is kept of what a relay test awaits alone; who cannot say rejects", async () => {
  const of = (relayTest?: { token: string }): RecipientSubject => ({
    ...subject("relay test's return", []),
    route: {
      recipient: "relay test's return",
      mailboxes: [],
      abroad: [],
      ...(relayTest !== undefined && { test: { ...relayTest, isSender: false } }),
    },
  });
  const passes = "relay, peer, return, network spread, quota, gateway continue";
  const refused = "relay refuse 550 5.1.1 no such mailbox here";
  assert.equal(told(stages().recipient(of({ token: "t-1" }))), refused);
  for (const answer of [(known: boolean) => known, (known: boolean) => Promise.resolve(known)]) {
    const { recipient: judge } = stages({ knowsToken: (token) => answer(token === "t-1") });
    assert.equal(told(await judge(of({ token: "t-1" }))), passes);
    assert.equal(told(await judge(of({ token: "t-2" }))), refused);
    assert.equal(told(await judge(of())), refused);
    const { recipient: careless } = stages({
      knowsToken: () => answer(true),
      decision: () => ({ kind: "keep" }),
    });
    assert.equal(told(await careless(subject("foreign domain", []))), refused);
  }
  const { recipient: judge } = stages({
    knowsToken: () => {
      throw new Error("the store does not answer");
    },
  });
  await assert.rejects(async () => judge(of({ token: "t-1" })), /does not answer/);
});

function addressOf(text: string): Address {
  const address = parseAddress(text);
  return typeof address === "string" ? assert.fail(address) : address;
}

test("what a relay test awaits is not asked about like a stranger's mail", async () => {
  const asked: string[] = [];
  const never = (what: string) => (): never => {
    asked.push(what);
    throw new Error(`${what} was asked`);
  };
  const { recipient: judge } = stages({
    knowsToken: () => true,
    lists: {
      rules: {
        refuse: 10,
        mark: 5,
        received: "mark",
        confirmMinutes: 0,
        hopShare: 1,
        confirmClients: 1,
        lists: [],
      },
      trustedHops: [],
      privateClients: true,
      appeal: "",
      about: never("a list"),
      hasGoodClient: never("a list"),
    },
    rates: {
      limits: () => ({ table: "rates", messages: 1, recipients: 1 }),
      counted: never("a rate"),
      count: never("a rate"),
    },
    greylist: {
      below: "pinned",
      delayMs: 1,
      hasPassed: never("the greylist"),
      attempt: never("the greylist"),
    },
  });
  const route = {
    recipient: "relay test's return",
    mailboxes: [],
    abroad: [],
    test: { token: "t-1", isSender: false },
  } as const;
  const [reversePath, forwardPath] = ["u@foreign.example", "t-1@tests.example"].map(addressOf);
  assert.ok(reversePath !== undefined && forwardPath !== undefined);
  const verdict = await judge({ ...subject("mailbox", []), reversePath, forwardPath, route });
  assert.equal(verdict.action, "continue");
  assert.deepEqual(asked, []);
});

test("the stage goes by the table that it is given", () => {
  const { recipient: judge } = stages({ decision: depositAll });
  assert.equal(
    told(judge(subject("foreign domain", []))),
    "relay, peer, return, network spread, quota, gateway continue",
  );
});

const ROOM: readonly {
  mailboxes: readonly RoutedMailbox[];
  declared: number;
  expected: string;
}[] = [
  {
    mailboxes: [mailbox(0)],
    declared: 1e9,
    expected: "relay, peer, return, network spread, quota, gateway continue",
  },
  {
    mailboxes: [mailbox(0, 100)],
    declared: 100,
    expected: "relay, peer, return, network spread, quota, gateway continue",
  },
  {
    mailboxes: [mailbox(99, 100)],
    declared: 0,
    expected: "relay, peer, return, network spread, quota, gateway continue",
  },
  {
    mailboxes: [mailbox(99, 100)],
    declared: 1,
    expected: "relay, peer, return, network spread, quota, gateway continue",
  },
  { mailboxes: [mailbox(99, 100)], declared: 2, expected: "quota defer 452 4.2.2" },
  { mailboxes: [mailbox(100, 100)], declared: 0, expected: "quota defer 452 4.2.2" },
  { mailboxes: [mailbox(101, 100)], declared: 0, expected: "quota defer 452 4.2.2" },
  { mailboxes: [mailbox(200, 100)], declared: 100, expected: "quota defer 452 4.2.2" },
  { mailboxes: [mailbox(0, 100)], declared: 101, expected: "quota refuse 552 5.2.2" },
  { mailboxes: [mailbox(100, 100)], declared: 101, expected: "quota refuse 552 5.2.2" },
  { mailboxes: [mailbox(0, 0)], declared: 0, expected: "quota defer 452 4.2.2" },
  // An alias: the mailbox with least room decides, and the smallest quota whether waiting can help.
  {
    mailboxes: [mailbox(0), mailbox(99, 100), mailbox(0, 1000)],
    declared: 50,
    expected: "quota defer 452 4.2.2",
  },
  {
    mailboxes: [mailbox(0, 1000), mailbox(100, 100)],
    declared: 0,
    expected: "quota defer 452 4.2.2",
  },
  {
    mailboxes: [mailbox(990, 1000), mailbox(10, 60)],
    declared: 100,
    expected: "quota refuse 552 5.2.2",
  },
  {
    mailboxes: [mailbox(10, 60), mailbox(990, 1000)],
    declared: 100,
    expected: "quota refuse 552 5.2.2",
  },
  {
    mailboxes: [mailbox(0, 1000), mailbox(0, 60)],
    declared: 60,
    expected: "relay, peer, return, network spread, quota, gateway continue",
  },
];

test("quota: 452 where the mailbox may be emptied, 552 where the message can never fit", () => {
  const { recipient: judge } = stages();
  for (const { mailboxes, declared, expected } of ROOM) {
    const said = told(judge(subject("alias", mailboxes, declared)));
    assert.ok(said.startsWith(expected), `${said} for ${JSON.stringify([mailboxes, declared])}`);
  }
});

test("the relay decision comes before any talk of quota: nobody learns who is full by a refused route", () => {
  const { recipient: judge } = stages();
  assert.match(
    told(judge(subject("source route", [mailbox(100, 100)]))),
    /^relay refuse 550 5\.7\.1/,
  );
});

test("hops: as many Received fields as the limit are taken, one more is a loop", () => {
  const { message } = stages();
  const judge = (received: number) => told(message({ received, returns: false, octets: 1e9 }));
  assert.equal(judge(0), "hops, return size, dmarc, spf, dkim, iprev, admission continue");
  assert.equal(judge(100), "hops, return size, dmarc, spf, dkim, iprev, admission continue");
  assert.match(judge(101), /^hops refuse 554 5\.4\.6 /);
});

test("verdicts can be written down and read again", () => {
  const { recipient: judge } = stages();
  for (const kind of RECIPIENT_CLASSES) {
    for (const mailboxes of [[mailbox(0, 100)], [mailbox(0)]]) {
      const verdict = judge(subject(kind, mailboxes));
      assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
    }
  }
});

// ---- How a stage asks ----

type Action = Exclude<Verdict["action"], "mark">;

/** A check that decides what it is told and says in `asked` and `judged` when it was its turn. */
function check(
  name: string,
  action: Action,
  diary: string[],
  wait?: Promise<void>,
): Check<string, Evidence> {
  const status = { code: 550, enhanced: "5.0.0", text: name, source: "test" };
  return {
    name,
    gather: (about) => {
      diary.push(`gather ${name}`);
      return wait === undefined ? { about } : wait.then(() => ({ about }));
    },
    judge: (facts) => {
      diary.push(`judge ${name} ${factText(facts["about"])}`);
      return action === "continue"
        ? { action, check: name, evidence: facts }
        : { action, check: name, status, evidence: facts };
    },
  };
}

test("all checks gather, then they judge in order, and the first that decides has decided", () => {
  const diary: string[] = [];
  const judge = stage([
    check("a", "continue", diary),
    check("b", "refuse", diary),
    check("c", "continue", diary),
  ]);
  const verdict = judge("x");
  assert.ok(!(verdict instanceof Promise), "what is known at once is said at once");
  assert.deepEqual([verdict.check, verdict.action], ["b", "refuse"]);
  assert.deepEqual(diary, [
    "gather a",
    "gather b",
    "gather c",
    "judge a x",
    "judge b x",
    "judge c x",
  ]);
});

test("what every check had gathered and says is kept, whoever decides", () => {
  const verdict = stage([
    check("a", "continue", []),
    check("b", "refuse", []),
    check("c", "defer", []),
  ])("x");
  assert.ok(!(verdict instanceof Promise));
  const facts = { about: "x" };
  assert.deepEqual(verdict.checks, [
    { check: "a", action: "continue", facts },
    { check: "b", action: "refuse", facts },
    { check: "c", action: "defer", facts },
  ]);
});

test("facts beyond what is kept of a stage are judged and left out, the largest first", () => {
  const gathers = (name: string, octets: number): Check<string, Evidence> => ({
    name,
    gather: () => ({ text: "x".repeat(octets) }),
    judge: ({ text }) => ({
      action: "continue",
      check: name,
      evidence: { [name]: factText(text).length },
    }),
  });
  const half = STAGE_FACTS_OCTETS / 2;
  const verdict = stage([gathers("a", half + 1), gathers("b", 9), gathers("c", half)])("x");
  assert.ok(!(verdict instanceof Promise));
  assert.deepEqual(verdict.evidence, { a: half + 1, b: 9, c: half });
  const kept = verdict.checks.map((one) => (one.facts === undefined ? "" : one.check));
  assert.deepEqual(kept, ["", "b", "c"]);
});

// ---- How it judges again ----

test("facts of before are judged in the stage's order, by its checks of now", () => {
  const { judge } = stage([check("a", "continue", []), check("b", "refuse", [])]);
  const facts = { about: "x" };
  const { verdict, unknown } = judge([
    { check: "b", facts },
    { check: "gone by now", facts },
    { check: "a", facts },
  ]);
  assert.deepEqual([verdict.check, verdict.action, unknown], ["b", "refuse", []]);
  assert.deepEqual(verdict.checks, [
    { check: "a", action: "continue", facts },
    { check: "b", action: "refuse", facts },
  ]);
});

test("a check without its facts is unknown, if nobody before it has decided", () => {
  const { judge } = stage([
    check("a", "continue", []),
    check("b", "refuse", []),
    check("c", "continue", []),
  ]);
  const facts = { about: "x" };
  assert.deepEqual(judge([{ check: "b", facts }]).unknown, ["a"]);
  assert.deepEqual(
    judge([
      { check: "a", facts },
      { check: "b", facts },
    ]).unknown,
    [],
  );
  assert.deepEqual(judge([{ check: "a" }, { check: "b", facts }]).unknown, ["a"], "too large");
  assert.deepEqual(judge([]).unknown, ["a", "b", "c"]);
});

test("facts that were gathered under settings that do not suffice are unknown too", () => {
  const picky = { ...check("a", "refuse", []), suffices: () => false };
  const { verdict, unknown } = stage([picky]).judge([{ check: "a", facts: {} }]);
  assert.deepEqual([verdict.action, unknown], ["continue", ["a"]]);
});

test("facts of another version that the check does not understand are unknown", () => {
  const broken = { ...check("a", "refuse", []), judge: () => assert.fail("what is that?") };
  const silent = { ...check("b", "refuse", []), judge: () => undefined as never };
  for (const one of [broken, silent])
    assert.deepEqual(stage([one]).judge([{ check: one.name, facts: {} }]).unknown, [one.name]);
});

test("of a login what is asked of logins is judged again", () => {
  const senders = { route: () => assert.fail("again"), senderGrants: () => assert.fail("again") };
  const { recipient } = stages({ sending: { senders, counter: UNLIMITED } });
  const facts = { login: "ann@local.example", recipientsNow: Infinity };
  assert.deepEqual(recipient.judge([]).unknown.includes("sending limit"), false);
  assert.ok(recipient.judge([{ check: "sending limit", facts }]).unknown.includes("relay"));
  const { verdict } = recipient.judge([{ check: "sending limit", facts }]);
  assert.deepEqual(verdict.checks, [{ check: "sending limit", action: "continue", facts }]);
});

test("defer and accept decide too; when nobody decides, all of them are named", () => {
  for (const action of ["accept", "defer"] as const) {
    const verdict = stage([check("a", action, []), check("b", "refuse", [])])("x");
    assert.ok(!(verdict instanceof Promise));
    assert.equal(verdict.check, "a");
  }
  const verdict = stage([check("a", "continue", []), check("b", "continue", [])])("x");
  assert.ok(!(verdict instanceof Promise));
  const { checks: _, ...merged } = verdict;
  assert.deepEqual(merged, { action: "continue", check: "a, b", evidence: { about: "x" } });
});

test("a mark decides nothing: who comes after it may refuse, and all marks are told together", () => {
  const marking = (name: string): Check<string, Evidence> => ({
    name,
    gather: (about) => ({ about }),
    judge: (evidence) => ({ action: "mark", check: name, marks: [`${name}=fail`], evidence }),
  });
  const passed = stage([marking("a"), check("b", "continue", []), marking("c")])("x");
  assert.ok(!(passed instanceof Promise));
  const marks = ["a=fail", "c=fail"];
  const { checks: _, ...merged } = passed;
  assert.deepEqual(merged, { action: "mark", check: "a, c", marks, evidence: { about: "x" } });
  const refused = stage([marking("a"), check("b", "refuse", [])])("x");
  assert.ok(!(refused instanceof Promise));
  assert.deepEqual([refused.check, refused.action], ["b", "refuse"]);
});

test("checks that have to wait wait together, and nobody judges before all have gathered", async () => {
  const diary: string[] = [];
  const slow = Promise.withResolvers<void>();
  const slower = Promise.withResolvers<void>();
  const verdict = stage([
    check("a", "continue", diary, slow.promise),
    check("b", "continue", diary),
    check("c", "refuse", diary, slower.promise),
  ])("x");
  assert.ok(verdict instanceof Promise);
  assert.deepEqual(diary, ["gather a", "gather b", "gather c"]);
  slow.resolve();
  await slow.promise;
  assert.equal(diary.length, 3);
  slower.resolve();
  assert.deepEqual([(await verdict).check, (await verdict).action], ["c", "refuse"]);
  assert.deepEqual(diary.slice(3), ["judge a x", "judge b x", "judge c x"]);
});

function gathersBy(gather: () => Promise<Evidence>): Check<string, Evidence> {
  return { name: "test", gather, judge: () => assert.fail("there is nothing to judge") };
}

test("a check that cannot gather makes no verdict", async () => {
  const broken = gathersBy(() => Promise.reject(new Error("the resolver is away")));
  await assert.rejects(async () => stage([check("a", "refuse", []), broken])("x"), /away/);
});

test("one that fails at once does not leave another one's failure to nobody", async () => {
  const lost: unknown[] = [];
  const note = (reason: unknown): void => void lost.push(reason);
  process.on("unhandledRejection", note);
  const later = gathersBy(() => Promise.reject(new Error("later")));
  const atOnce = gathersBy(() => {
    throw new Error("at once");
  });
  await assert.rejects(async () => stage([later, atOnce])("x"));
  await new Promise((resolve) => setImmediate(resolve)); // unhandled rejections are told after the microtasks
  process.off("unhandledRejection", note);
  assert.deepEqual(lost, []);
});

test("of an alias abroad it is kept whether mailboxes here have it too", async () => {
  const relay = relayCheck();
  assert.equal((await relay.gather(subject("alias abroad", []))).here, undefined);
  assert.equal((await relay.gather(subject("alias abroad", [mailbox(0)]))).here, true);
});
