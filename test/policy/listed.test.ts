/** Lists in the stages: who is asked about, when, what is said to whom; and that forged headers get no innocent refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  parseCidr,
  readAuthors,
  type IdentityLevel,
  type KnownPeer,
  type PublicPeer,
} from "../../src/mail/index.ts";
import { stages, type ListedSubject, type Lists } from "../../src/policy/checks/index.ts";
import { tellOfGoodClient } from "../../src/policy/checks/listed.ts";
import {
  Asking,
  FirstHits,
  Inquiry,
  receivedChain,
  type List,
  type ListedRules,
} from "../../src/policy/lists/index.ts";
import { parseName, ScriptedResolver } from "../../src/protocol/dns/index.ts";
import { ManualClock, systemRandom } from "../../src/runtime/index.ts";
import { ALWAYS_WELL, domain, ip, listsOf } from "./lists/lists.ts";
import { subjectOf, told, type Asked } from "./stranger.ts";

const LISTS = listsOf(
  { zone: "a.example", name: "A", mode: "vote" },
  { zone: "b.example", name: "B", mode: "vote", weight: 6 },
  { zone: "n.example", name: "N", kind: "names", mode: "vote" },
  { zone: "r.example", name: "R", relays: true, mode: "vote" },
);

const RULES: ListedRules = {
  lists: LISTS,
  refuse: 10,
  mark: 5,
  received: "mark",
  hopShare: 0.5,
  confirmMinutes: 0,
  confirmClients: 20,
};

const BACKUP = parseCidr("8.8.4.0/28") ?? assert.fail();

class Site {
  readonly dns = new ScriptedResolver();
  readonly clock = new ManualClock();
  readonly good: string[] = [];
  readonly stages;

  constructor(
    more: Partial<Lists> = {},
    rules: Partial<ListedRules> = {},
    lists: readonly List[] = LISTS,
  ) {
    const { dns: resolver, clock } = this;
    const timer = { after: () => () => {} }; // a scripted resolver answers
    const asking = new Asking({ resolver, clock, random: systemRandom, timer, watch: ALWAYS_WELL });
    const files = { find: () => ({ kind: "clear" }) as const };
    const inquiry = new Inquiry(
      { lists, questionMs: 3000, totalMs: 5000 },
      {
        asking,
        files,
        watch: ALWAYS_WELL,
        firstHits: new FirstHits(),
        clock,
        timer,
        namesOf: () => Promise.resolve([]),
      },
    );
    this.stages = stages({
      lists: {
        rules: { ...RULES, lists, ...rules },
        appeal: "postmaster@local.example",
        trustedHops: [],
        privateClients: false,
        about: (parts) => inquiry.about(parts),
        hasGoodClient: (list, client, level) => void this.good.push(`${list} ${client} ${level}`),
        ...more,
      },
    });
  }

  /** "66.7.6.5.a.example", say. */
  list(...names: readonly string[]): this {
    for (const name of names)
      this.dns.has(parseName(name) ?? assert.fail(name), "A", [ip("127.0.0.2")]);
    return this;
  }

  async recipient(asked: Asked = {}): Promise<string> {
    return told(await this.stages.recipient(subjectOf(asked)));
  }

  async message(
    header: string,
    more: Partial<NonNullable<ListedSubject["listed"]>> = {},
    level: IdentityLevel = "none",
  ): Promise<string> {
    const section = Buffer.from(header);
    const subject = subjectOf({ ip: "9.8.7.6" });
    const verdict = await this.stages.message({
      received: 0,
      returns: false,
      octets: 0,
      identity: { level },
      listed: {
        client: subject.client,
        helo: "mx.foreign.example",
        reversePath: subject.reversePath,
        authors: readAuthors(section),
        chain: receivedChain(section),
        rolesOnly: false,
        ...more,
      },
    });
    return verdict.action === "mark" ? `mark: ${verdict.marks.join("; ")}` : told(verdict);
  }

  get asked(): readonly string[] {
    return this.dns.asked.map((question) => question.replace(/ A$/, "")).toSorted();
  }
}

const CLIENT = "6.7.8.9.a.example";
const FROM = "From: sam@foreign.example\r\n";
const REFUSED =
  /^listed: 550 5\.7\.1 your address 9\.8\.7\.6 is listed by A; if this is wrong, turn to postmaster@local\.example$/;

// ---- At RCPT ----

test("a stranger is asked about by its address, its name and its domain", async () => {
  const site = new Site();
  assert.equal(await site.recipient({ helo: "mx.foreign.example" }), "continue");
  assert.deepEqual(site.asked, [
    "6.7.8.9.a.example",
    "6.7.8.9.b.example",
    "6.7.8.9.r.example",
    "foreign.example.n.example",
    "mx.foreign.example.n.example",
  ]);
});

test("whoever is listed is refused at RCPT, in words that help him", async () => {
  assert.match(await new Site().list(CLIENT).recipient(), REFUSED);
  assert.match(
    await new Site().list("foreign.example.n.example").recipient(),
    /^listed: 550 5\.7\.1 the sender's domain foreign\.example is listed by N; /,
  );
  assert.match(
    await new Site().list("bad.example.n.example").recipient({ helo: "bad.example" }),
    /^listed: 550 5\.7\.1 the name you gave, bad\.example is listed by N; /,
  );
});

test("what hangs on one list is put off first; what only marks is no matter at RCPT", async () => {
  const careful = { confirmMinutes: 15 };
  assert.match(
    await new Site({}, careful).list(CLIENT).recipient(),
    /^listed: 451 4\.7\.1 .*; without A it would not be refused, and A is being confirmed; come again in 15 minutes; /,
  );
  assert.match(
    await new Site({}, careful).list(CLIENT, "6.7.8.9.b.example").recipient(),
    /^listed: 451 4\.7\.1 your address 9\.8\.7\.6 is listed by A, B; without A /,
  );
  assert.match(
    await new Site({}, careful).list(CLIENT, "6.7.8.9.r.example").recipient(),
    /^listed: 550 5\.7\.1 your address 9\.8\.7\.6 is listed by A, R; /,
  );
  assert.equal(await new Site().list("6.7.8.9.b.example").recipient(), "continue");
});

test("postmaster and abuse are reached by everybody, from everywhere", async () => {
  for (const to of [
    "postmaster",
    "postmaster@local.example",
    "PostMaster@local.example",
    "abuse@local.example",
  ])
    assert.equal(
      await new Site().list(CLIENT).recipient({ to, recipient: "role" }),
      "continue",
      to,
    );
});

const PINNED: KnownPeer = { name: "hub", trust: { kind: "pin", keys: [] }, relays: [] };
const PUBLIC: PublicPeer = {
  name: "big",
  trust: { kind: "public authority", names: [domain("big.example")] },
  relays: [],
};

const NEVER: readonly (readonly [who: string, asked: Asked])[] = [
  ["a login", { client: { login: "ann@local.example" } }],
  ["a trusted network", { client: { network: "9.8.7.0/24" } }],
  ["a peer that is pinned", { client: { peer: PINNED } }],
  ["a peer of a public authority", { client: { peer: PUBLIC } }],
  ["a private address", { ip: "10.1.2.3" }],
  ["loopback", { ip: "127.0.0.1" }],
  ["loopback, IPv6", { ip: "::1" }],
  [
    "who wants to relay, and is refused anyway",
    { recipient: "foreign domain", to: "x@far.example" },
  ],
];

for (const [who, asked] of NEVER)
  test(`no list is asked about ${who}`, async () => {
    const site = new Site().list("1.0.0.127.a.example", "3.2.1.10.a.example", CLIENT);
    assert.doesNotMatch(await site.recipient(asked), /listed/);
    assert.deepEqual(site.asked, []);
  });

test("where the operator wants it, addresses within are asked about too", async () => {
  const site = new Site({ privateClients: true }).list("1.0.0.127.a.example");
  assert.match(await site.recipient({ ip: "127.0.0.1" }), /^listed: 550 /);
});

test("an unknown recipient is refused as ever; lists refuse nobody less", async () => {
  const site = new Site();
  const nobody = { recipient: "unknown mailbox", to: "no@local.example" } as const;
  assert.match(await site.recipient(nobody), /^relay: 550 5\.1\.1 /);
});

test("lists that are dead, or answer errors, refuse nobody", async () => {
  const site = new Site();
  for (const name of site.list().asked) assert.fail(name);
  for (const zone of ["a", "b", "r"])
    site.dns.fails(parseName(`6.7.8.9.${zone}.example`) ?? assert.fail(), "A", "servfail");
  site.dns.fails(parseName("foreign.example.n.example") ?? assert.fail(), "A", "timeout");
  assert.equal(await site.recipient(), "continue");
  const errors = new Site();
  for (const zone of ["a", "b", "r"])
    errors.dns.has(parseName(`6.7.8.9.${zone}.example`) ?? assert.fail(), "A", [
      ip("127.255.255.254"),
    ]);
  assert.equal(await errors.recipient(), "continue");
});

test("that a list has somebody who is known well is told; of others nothing", async () => {
  const site = new Site().list(CLIENT);
  await site.recipient({ level: () => "certificate" });
  await site.recipient({ level: () => Promise.resolve("forward-confirmed") });
  await site.recipient({ level: () => "none" });
  await new Site().recipient({ level: () => assert.fail("nobody wants to know") });
  assert.deepEqual(site.good, ["A 9.8.7.6 certificate"]);
  await site.message(FROM, {}, "aligned");
  assert.deepEqual(site.good, ["A 9.8.7.6 certificate", "A 9.8.7.6 aligned"]);
});

test("where another list that is well has him too, no list is told; what a list that is not well says is not heard", async () => {
  const level = (): IdentityLevel => "certificate";
  const both = [CLIENT, "6.7.8.9.b.example"];
  const site = new Site().list(...both);
  await site.recipient({ level });
  await site.recipient({ level }); // from memory
  await site.message(FROM, {}, "certificate");
  assert.deepEqual(site.good, []);
  const ofNames = new Site().list(CLIENT, "foreign.example.n.example");
  await ofNames.recipient({ level });
  assert.deepEqual(ofNames.good, ["A 9.8.7.6 certificate"], "a name of his is not he");
  const hit = { list: "A", as: "client", subject: "9.8.7.6", sinceMinutes: 0 } as const;
  const good: string[] = [];
  tellOfGoodClient(
    { about: {}, answers: [hit, { ...hit, list: "B", health: "trial" }], clear: [] },
    ip("9.8.7.6"),
    "certificate",
    { hasGoodClient: (list) => void good.push(list) },
  );
  assert.deepEqual(good, ["A"]);
});

// ---- Judged again ----

test("what lists said while they observed is judged as if they had voted; a list that was not asked is unknown", async () => {
  const observing = [
    { zone: "a.example", name: "A" },
    { zone: "b.example", name: "B", weight: 6 },
  ];
  const voting = observing.map((written) => ({ ...written, mode: "vote" }));
  const then = new Site({}, {}, listsOf(...observing)).list(CLIENT);
  const verdict = await then.stages.recipient(subjectOf());
  assert.equal(told(verdict), "continue");
  const again = (...lists: readonly object[]) =>
    new Site({}, {}, listsOf(...lists.map((list) => ({ ...list })))).stages.recipient.judge(
      verdict.checks,
    );
  assert.match(told(again(...voting).verdict), REFUSED);
  assert.deepEqual(again(...voting).unknown, []);
  assert.equal(told(again({ ...voting[0], weight: 9 }).verdict), "continue");
  assert.deepEqual(again(...voting, { zone: "c.example", mode: "vote" }).unknown, ["listed"]);
  assert.deepEqual(again(...voting, { zone: "c.example" }).unknown, []);
});

test("whoever was not asked about then, and would be now, is unknown; and the other way round", async () => {
  const voting = listsOf({ zone: "a.example", name: "A", mode: "vote" });
  const unknown = async (asked: Asked, then: Partial<Lists>, now: Partial<Lists>) => {
    const { checks } = await new Site(then, {}, voting).stages.recipient(subjectOf(asked));
    return new Site(now, {}, voting).stages.recipient.judge(checks).unknown;
  };
  const trusting = { trustedHops: [BACKUP] };
  assert.deepEqual(await unknown({ ip: "127.0.0.1" }, {}, {}), []);
  assert.deepEqual(await unknown({ ip: "127.0.0.1" }, {}, { privateClients: true }), ["listed"]);
  assert.deepEqual(await unknown({ ip: "8.8.4.1" }, trusting, trusting), []);
  assert.deepEqual(await unknown({ ip: "8.8.4.1" }, trusting, {}), ["listed"]);
  assert.deepEqual(await unknown({ ip: "8.8.4.1" }, {}, trusting), ["listed"]);
  assert.deepEqual(await unknown({ client: { peer: PINNED } }, {}, {}), []);
});

test("what else would have changed it: only that without which it would not be so, and where nothing alone is, how many together", async () => {
  const written = [
    { zone: "a.example", name: "A", mode: "vote" },
    { zone: "b.example", name: "B", mode: "vote" },
    { zone: "n.example", name: "N", kind: "names", mode: "vote" },
  ];
  const otherwise = async (weights: readonly number[], names: readonly string[]) => {
    const lists = listsOf(...written.map((list, i) => ({ ...list, weight: weights[i] ?? 10 })));
    const site = new Site({}, {}, lists).list(...names);
    const { checks } = await site.stages.recipient(subjectOf());
    const listed = checks.find(({ check }) => check === "listed");
    return site.stages.recipient.otherwise(listed ?? assert.fail());
  };
  const [a, b, n] = [CLIENT, "6.7.8.9.b.example", "foreign.example.n.example"];
  assert.deepEqual(await otherwise([10, 10], [a, b]), ["9.8.7.6 on none of A, B"]);
  assert.deepEqual(await otherwise([10, 4], [a, b]), ["9.8.7.6 not on A"]);
  assert.deepEqual(await otherwise([6, 6], [a, b]), ["9.8.7.6 not on A", "9.8.7.6 not on B"]);
  assert.deepEqual(await otherwise([10, 10, 12], [a, b, n]), [
    "foreign.example not on N and 9.8.7.6 on none of A, B",
  ]);
  assert.deepEqual(await otherwise([4, 10, 10], [a, b, n]), [
    "9.8.7.6 not on B and foreign.example not on N",
  ]);
  assert.deepEqual(await otherwise([4, 4], [a, b]), ["9.8.7.6 not on A", "9.8.7.6 not on B"]);
  assert.deepEqual(await otherwise([4], [a]), [], "by the settings of now nothing is against it");
});

// ---- With the message ----

test("with the message the author's domain is asked about, and hosts on the way at lists of open relays", async () => {
  const site = new Site();
  const header = `Received: from x (y [5.6.7.1]) by z\r\nReceived: from x ([10.0.0.1]) by z\r\n${FROM}`;
  assert.equal(await site.message(header), "continue");
  assert.deepEqual(site.asked, [
    "1.7.6.5.r.example",
    "6.7.8.9.a.example",
    "6.7.8.9.b.example",
    "6.7.8.9.r.example",
    "foreign.example.n.example",
    "mx.foreign.example.n.example",
  ]);
});

test("an author's domain refuses, a host on the way marks", async () => {
  assert.match(
    await new Site().list("bad.example.n.example").message("From: x@bad.example\r\n"),
    /^listed: 550 5\.7\.1 the author's domain bad\.example is listed by N; /,
  );
  const hop = `Received: from x ([5.6.7.1]) by z\r\n${FROM}`;
  assert.equal(await new Site().list("1.7.6.5.r.example").message(hop), "mark: listed=5 (R 5)");
  assert.equal(await new Site().list("6.7.8.9.b.example").message(FROM), "mark: listed=6 (B 6)");
  assert.match(
    await new Site({}, { received: "refuse", hopShare: 1 }).list("1.7.6.5.r.example").message(hop),
    /^listed: 550 5\.7\.1 a host that this came through, 5\.6\.7\.1 is listed by R; /,
  );
});

test("what is for postmaster or abuse alone is taken, and marked", async () => {
  assert.equal(
    await new Site()
      .list("bad.example.n.example")
      .message("From: x@bad.example\r\n", { rolesOnly: true }),
    "mark: listed=10 (N 10)",
  );
});

test("behind a trusted hop it is the one who came to it that is asked about, and refused", async () => {
  const behind = () =>
    new Site({ trustedHops: [BACKUP] }).list("66.7.6.5.a.example", "1.4.8.8.a.example");
  const client = { client: { ip: ip("8.8.4.1") } };
  assert.equal(await behind().recipient({ ip: "8.8.4.1" }), "continue");
  assert.match(
    await behind().message(`Received: from x (y [5.6.7.66]) by backup\r\n${FROM}`, client),
    /^listed: 550 5\.7\.1 your address 5\.6\.7\.66 is listed by A; /,
  );
  const claim = `Received: from x (y [8.8.8.8]) by backup\r\nReceived: from z ([5.6.7.66]) by w\r\n${FROM}`;
  assert.equal(await behind().message(claim, client), "continue");
});

test("a trusted hop on a private network is looked behind as well", async () => {
  const site = new Site({ trustedHops: [parseCidr("10.0.0.5") ?? assert.fail()] }).list(
    "66.7.6.5.a.example",
  );
  const header = `Received: from x (y [5.6.7.66]) by backup\r\n${FROM}`;
  assert.match(await site.message(header, { client: { ip: ip("10.0.0.5") } }), /^listed: 550 /);
});

test("no list is asked about a message of a login, a peer, or an address within", async () => {
  const site = new Site().list(CLIENT, "foreign.example.n.example");
  for (const client of [
    { ip: ip("9.8.7.6"), login: "ann@local.example" },
    { ip: ip("9.8.7.6"), network: "9.8.7.0/24" },
    { ip: ip("9.8.7.6"), peer: PINNED },
    { ip: ip("10.0.0.1") },
  ])
    assert.equal(await site.message(FROM, { client }), "continue");
  assert.deepEqual(site.asked, []);
});

// ---- What anybody can write ----

/** Pieces of header fields, as somebody would choose them who wants an innocent sender's mail refused. */
const CULPRIT = "5.6.7.66";
const forged = fc.constantFrom(
  `Received: from x (y [${CULPRIT}]) by mx.local.example\r\n`,
  `Received: from [${CULPRIT}] (helo=x) by z\r\n`,
  `Received: from x (HELO y) (${CULPRIT}) by z\r\n`,
  `Received: from mx.local.example ([8.8.4.1]) by mx.local.example\r\n`,
  `Received: from localhost ([127.0.0.1]) by localhost\r\n`,
  `Received: from x ([10.0.0.1]) by z\r\n`,
  `Received: by z\r\n`,
  `Received: from mx.foreign.example ([9.8.7.6])\r\n by z\r\n`,
  `Received:\r\n from x\r\n (y [${CULPRIT}])\r\n`,
  `X-Originating-IP: [${CULPRIT}]\r\n`,
  `X-Forwarded-For: ${CULPRIT}\r\n`,
  `Return-Path: <x@bad.example>\r\n`,
  `Sender: x@bad.example\r\n`,
  `Reply-To: x@bad.example\r\n`,
  `Authentication-Results: mx.local.example; dmarc=fail\r\n`,
);

const MORE_RELAYS = listsOf(
  { zone: "r2.example", name: "R2", relays: true, mode: "vote" },
  { zone: "r3.example", name: "R3", relays: true, mode: "vote" },
);

/** Everything that the forged fields name is on every list that could have it. */
function worldOfCulprits(): Site {
  return new Site({ trustedHops: [BACKUP] }, {}, [...LISTS, ...MORE_RELAYS]).list(
    ...["a", "b", "r", "r2", "r3"].map((zone) => `66.7.6.5.${zone}.example`),
    ...["a", "b", "r", "r2", "r3"].map((zone) => `1.4.8.8.${zone}.example`),
    ...["a", "b", "r", "r2", "r3"].map((zone) => `1.0.0.127.${zone}.example`),
    "bad.example.n.example",
  );
}

test("no forged header gets an innocent sender refused at the default settings", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(forged, { maxLength: 12 }), async (fields) => {
      const said = await worldOfCulprits().message(`${fields.join("")}${FROM}`);
      assert.match(said, /^(?:continue|mark: listed=15 \(R 5, R2 5, R3 5\))$/, said);
    }),
  );
});

test("nor behind a trusted hop, whose own line says where the message came from", async () => {
  const hop = { client: { ip: ip("8.8.4.1") } };
  const own = "Received: from mx.foreign.example (mx.foreign.example [9.8.7.6]) by backup\r\n";
  await fc.assert(
    fc.asyncProperty(fc.array(forged, { maxLength: 12 }), async (fields) => {
      const said = await worldOfCulprits().message(`${own}${fields.join("")}${FROM}`, hop);
      assert.match(said, /^(?:continue|mark: listed=15 \(R 5, R2 5, R3 5\))$/, said);
    }),
  );
});
