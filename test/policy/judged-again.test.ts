/**
 * A session that is judged twice gets the same verdict: whatever any check of any stage had gathered, written down as the journal does it
 * and read again, leads to the same. So `explain` and `rehearse` tell what really happens. A check that is not pure is found.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  formatAddress,
  IDENTITY_LEVELS,
  leanEvents,
  parseAddress,
  parseIp,
  status,
  wholeEvents,
  type Address,
  type CheckedFacts,
  type FactEvent,
  type Login,
} from "../../src/mail/index.ts";
import {
  stages,
  type Check,
  type Evidence,
  type JudgingStages,
  type Known,
  type OriginActions,
  type SendingLimits,
  type Stage,
  type StageVerdict,
} from "../../src/policy/checks/index.ts";
import { settingOf } from "../../src/config/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import type { ListFact, ListFacts } from "../../src/policy/lists/index.ts";
import { stage } from "../../src/policy/checks/stage.ts";
import { RECIPIENT_CLASSES, type Route } from "../../src/policy/routing/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import { NetworkRates } from "../../src/service/receive/network-rates.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";
import { listsOf } from "./lists/lists.ts";

const directory = new MemoryDirectory()
  .withDomain("local.example")
  .withMailbox("ann@local.example", "bob@local.example");
const ann: Login = {
  mailbox: directory.mailboxAt("ann@local.example"),
  address: "ann@local.example",
};

const CONFIG = configSchema.parse({
  hostname: "mx.local.example",
  postmaster: "ann@local.example",
  admission: { domains: { "foreign.example": "none" } },
});

// ---- A site and whoever comes, at random ----

const small = fc.nat(4);
const RESULTS = ["none", "pass", "fail", "softfail", "temperror", "permerror", "policy"] as const;
const ACTIONS = ["mark", "refuse", "ignore"] as const;

const actions: fc.Arbitrary<OriginActions> = fc.record({
  spf: fc.constantFrom(...ACTIONS),
  dkim: fc.constantFrom(...ACTIONS),
  dmarc: fc.constantFrom("honour", "mark", "ignore"),
  iprev: fc.constantFrom(...ACTIONS),
  dnsFailure: fc.constantFrom("unknown", "defer"),
  trustedSealers: fc.subarray(["list.example", "seal.example"]),
});

const sealer = fc.record(
  {
    domain: fc.constantFrom("list.example", "seal.example"),
    vouchesFor: fc.constantFrom("foreign.example", "other.example"),
  },
  { requiredKeys: ["domain"] },
);

const origin = fc.record(
  {
    spf: fc.constantFrom(...RESULTS),
    spfDomain: fc.constant("foreign.example"),
    dkim: fc.array(fc.constantFrom(...RESULTS), { minLength: 1, maxLength: 3 }),
    dmarc: fc.constantFrom("none", "pass", "fail", "temperror", "permerror"),
    author: fc.constantFrom("foreign.example", "other.example"),
    policy: fc.constantFrom("none", "quarantine", "reject"),
    sealers: fc.array(sealer, { maxLength: 3 }),
    iprev: fc.constantFrom(...RESULTS),
    unread: fc.constant("there are too many"),
  },
  { requiredKeys: ["spf", "spfDomain", "dkim", "dmarc", "sealers", "iprev"] },
);

const limits: fc.Arbitrary<SendingLimits> = fc.record({
  messagesPerHour: fc.integer({ min: 1, max: 4 }),
  recipientsPerHour: fc.integer({ min: 1, max: 6 }),
  messagesPerDay: fc.integer({ min: 1, max: 6 }),
  recipientsPerDay: fc.integer({ min: 1, max: 9 }),
  recipientsPerMessage: fc.integer({ min: 1, max: 4 }),
});

const known: fc.Arbitrary<Known> = fc.oneof(
  fc.constantFrom<Known>("known", "unknown"),
  fc.constant<Known>({ undecided: status(451, "4.4.1", "away", "test") }),
);

const level = fc.constantFrom(...IDENTITY_LEVELS);
const rate = fc.oneof(fc.constant("unlimited" as const), fc.constantFrom(1, 1, 2));
const perHour = fc.record({ messages_per_hour: rate, recipients_per_hour: rate });

const listFact: fc.Arbitrary<ListFact> = fc.record(
  {
    list: fc.constantFrom("A", "B", "Relays", "Good", "New"),
    as: fc.constantFrom("client", "hop"),
    subject: fc.constant("9.8.7.6"),
    codes: fc.subarray(["127.0.0.2", "127.0.5.2", "127.255.255.254"], { minLength: 1 }),
    text: fc.constant("sends spam"),
    health: fc.constantFrom("sick", "trial"),
    sinceMinutes: fc.constantFrom(0, 20, 2000),
    others: fc.constantFrom(0, 30),
  },
  { requiredKeys: ["list", "as", "subject", "codes"], noNullPrototype: true },
);

const listed = fc.record({
  facts: fc
    .array(listFact, { maxLength: 4 })
    .map((answers): ListFacts => ({ about: {}, answers, clear: [] })),
  rules: fc.record({
    refuse: fc.constantFrom(10, 15),
    mark: fc.constantFrom(3, 5),
    received: fc.constantFrom(...ACTIONS),
    hopShare: fc.constantFrom(0.5, 1),
    confirmMinutes: fc.constantFrom(0, 15),
    confirmClients: fc.constant(20),
  }),
});

const LISTS = listsOf(
  { zone: "a.example", name: "A", mode: "vote" },
  { zone: "b.example", name: "B", mode: "vote", weight: 5 },
  { zone: "r.example", name: "Relays", mode: "vote", relays: true },
  { preset: "dnswl", name: "Good", mode: "vote" },
  { zone: "new.example", name: "New" },
);

const site = fc.record({
  listed,
  hops: small,
  known,
  actions,
  limits,
  required: level,
  ofDomain: fc.option(level, { nil: undefined }),
  observe: fc.option(level, { nil: undefined }),
  below: fc.constantFrom("forward-confirmed", "certificate", "pinned"),
  hasPassed: fc.boolean(),
  waitedMs: fc.constantFrom(0, 1, 299_999, 300_000),
  rates: fc.record({ none: perHour, "forward-confirmed": perHour, certificate: perHour }),
  heldMinutes: fc.constantFrom(0, 7),
  factor: fc.constantFrom(undefined, 1, 3),
  sent: fc.array(fc.record({ ago: fc.nat(100_000_000), messages: small, recipients: small }), {
    maxLength: 4,
  }),
});

type Site = typeof site extends fc.Arbitrary<infer S> ? S : never;

const NOW = 1_700_000_000_000;

function siteOf(clock: ManualClock, made: Site): JudgingStages {
  const { sent, factor, observe, ofDomain, hasPassed } = made;
  return stages({
    hops: made.hops,
    verifyRecipient: () => Promise.resolve(made.known),
    spread: {
      limit: 3,
      ask: ({ network }) => ({
        network,
        senders: 2,
        recipients: 2,
        limit: 3,
        heldMinutes: made.heldMinutes,
      }),
    },
    lists: {
      rules: { ...made.listed.rules, lists: LISTS },
      appeal: "postmaster@local.example",
      trustedHops: [],
      privateClients: false,
      about: () => made.listed.facts,
      hasGoodClient() {},
    },
    rates: new NetworkRates({ clock, settings: made.rates }),
    greylist: {
      below: made.below,
      delayMs: 300_000,
      hasPassed: () => hasPassed,
      attempt: () => made.waitedMs,
    },
    sending: {
      senders: {
        route: ({ forwardPath }) =>
          forwardPath !== "postmaster" && formatAddress(forwardPath) === ann.address
            ? routeOf(0)
            : { recipient: "foreign domain", mailboxes: [], abroad: [] },
        senderGrants: () => [],
      },
      counter: {
        account: () => ({
          now: NOW,
          ...(factor !== undefined && { factor }),
          sent: sent.map(({ ago, ...counts }) => ({ until: NOW - ago, ...counts })),
        }),
        limits: (times) =>
          Object.fromEntries(
            Object.entries(made.limits).map(([name, most]) => [name, most * times]),
          ) as unknown as SendingLimits, // the same keys
        habits: () => ({ networks: 2, networkKnown: false, recipients: 4, recipientsRefused: 1 }),
      },
    },
    origin: made.actions,
    admission: {
      require: made.required,
      ...(observe !== undefined && { observe }),
      domains: new Map(
        ofDomain === undefined ? [] : [[domainOf("foreign.example"), ofDomain] as const],
      ),
    },
  });
}

function routeOf(recipient: number, more: Partial<Route["mailboxes"][number]> = {}): Route {
  const mailbox = {
    id: ann.mailbox,
    local: "ann",
    domain: domainOf("local.example"),
    disabled: false,
    usedOctets: 0,
    ...more,
  };
  const kind = RECIPIENT_CLASSES[recipient % RECIPIENT_CLASSES.length] ?? "mailbox";
  const abroad = [{ address: "sam@foreign.example", domain: domainOf("foreign.example") }];
  return { recipient: kind, mailboxes: [mailbox], abroad };
}

const seldom = fc.constantFrom(true, false, false, false);

const visit = fc.record({
  login: seldom,
  network: fc.constantFrom(true, false, false),
  peer: seldom,
  nullSender: fc.boolean(),
  ip: fc.constantFrom("9.8.7.6", "9.8.7.9", "10.0.0.1", "2a00:1450::1"),
  from: fc.constantFrom("sam@foreign.example", "ann@local.example", "sam@other.example"),
  to: fc.constantFrom("ann@local.example", "abuse@local.example", "x@foreign.example"),
  recipient: fc.nat(RECIPIENT_CLASSES.length - 1),
  declaredOctets: fc.constantFrom(0, 50, 5_000_000),
  recipientsBefore: small,
  returnBefore: fc.boolean(),
  quotaOctets: fc.option(fc.constantFrom(10, 100), { nil: undefined }),
  level,
  later: fc.boolean(),
  received: small,
  origin: fc.option(origin, { nil: undefined }),
  rolesOnly: fc.boolean(),
  unknown: fc.option(fc.constant("the DNS is away"), { nil: undefined }),
  authors: fc.option(fc.constantFrom("ann@local.example", "sam@foreign.example", undefined), {
    nil: undefined,
  }),
});

type Visit = typeof visit extends fc.Arbitrary<infer V> ? V : never;

function addressOf(text: string): Address {
  const address = parseAddress(text);
  return typeof address === "string" ? assert.fail(address) : address;
}

/** All three stages, as the server asks them. */
async function verdictsOn(
  { sender, recipient, message }: JudgingStages,
  visitor: Visit,
): Promise<readonly (readonly [Stage<never>, StageVerdict])[]> {
  const reversePath = visitor.nullSender ? null : addressOf(visitor.from);
  const login = visitor.login ? { login: ann } : {};
  const { unknown, quotaOctets } = visitor;
  const identity = {
    level: visitor.level,
    domain: domainOf("foreign.example"),
    ...(unknown !== undefined && { unknown }),
    ...(visitor.rolesOnly && { rolesOnly: true }),
  };
  const client = {
    ip: parseIp(visitor.ip) ?? assert.fail(),
    ...(visitor.login && { login: ann.address }),
    ...(visitor.network && { network: "9.8.7.0/28" }),
    ...(visitor.peer && {
      peer: {
        name: "partner",
        trust: { kind: "pin" as const, keys: [] },
        relays: [{ sender: domainOf("other.example"), recipient: domainOf("foreign.example") }],
      },
    }),
  };
  const authors =
    visitor.authors === undefined
      ? ({ kind: "unreadable", field: "From", why: "there are two From fields" } as const)
      : ({
          kind: "read",
          authors: [{ field: "From", address: addressOf(visitor.authors) }],
        } as const);
  return [
    [sender, await sender({ reversePath, identity, ...login })],
    [
      recipient,
      await recipient({
        ...login,
        client,
        reversePath,
        forwardPath: addressOf(visitor.to),
        route: routeOf(visitor.recipient, quotaOctets === undefined ? {} : { quotaOctets }),
        declaredOctets: visitor.declaredOctets,
        recipientsBefore: visitor.recipientsBefore,
        returnBefore: visitor.returnBefore,
        level: () => (visitor.later ? Promise.resolve(visitor.level) : visitor.level),
      }),
    ],
    [
      message,
      await message({
        ...login,
        received: visitor.received,
        returns: visitor.returnBefore,
        octets: visitor.declaredOctets,
        authors,
        identity,
        rolesOnly: visitor.rolesOnly,
        listed: {
          client,
          helo: "mx.foreign.example",
          reversePath,
          authors,
          chain: [],
          rolesOnly: visitor.rolesOnly,
        },
        ...(visitor.origin !== undefined && { origin: visitor.origin }),
      }),
    ],
  ];
}

/** As the journal has them, when they are read again. */
function written(checks: readonly CheckedFacts[]): readonly CheckedFacts[] {
  const decision = { check: "", action: "continue", evidence: {}, checks } as const;
  const event: FactEvent = { at: 0, kind: "recipient", address: "", decision };
  const [read] = wholeEvents(JSON.parse(JSON.stringify(leanEvents([event]))) as readonly object[]);
  return (read?.kind === "recipient" && read.decision.checks) || assert.fail("not read again");
}

function assertTheSame(asked: Stage<never>, verdict: StageVerdict): void {
  const again = asked.judge(written(verdict.checks));
  assert.deepEqual(again.unknown, []);
  assert.deepEqual(again.verdict, verdict);
}

test("every check of every stage judges what it had gathered as it did", async () => {
  const asked = new Set<string>();
  const decided = new Set<string>();
  const settings = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      site,
      fc.array(visit, { minLength: 1, maxLength: 6 }),
      async (made, visits) => {
        const clock = new ManualClock();
        const judging = siteOf(clock, made);
        for (const { checks } of [judging.sender, judging.recipient, judging.message])
          for (const name of checks) asked.add(name);
        for (const visitor of visits) {
          clock.advance(600_000);
          for (const [of, verdict] of await verdictsOn(judging, visitor)) {
            assertTheSame(of, verdict);
            for (const { check, action, setting } of verdict.checks) {
              if (action !== "continue") decided.add(check);
              if (setting !== undefined) settings.add(setting.key);
            }
          }
        }
      },
    ),
    { numRuns: 1500 },
  );
  asked.delete("sending habits"); // it never has anything against anybody
  assert.deepEqual(
    [...asked].filter((name) => !decided.has(name)),
    [],
    "tried, and never against it",
  );
  const none = [...settings].filter((key) => settingOf(CONFIG, key) === undefined);
  assert.deepEqual(none, [], "named, and not in the configuration");
});

const PURE: Check<string, Evidence> = {
  name: "mutant",
  gather: (text) => ({ text }),
  judge: (facts) => ({ action: "continue", check: "mutant", evidence: facts }),
};

test("a check that is not pure is found", () => {
  let counted = 0;
  let remembered: Evidence = {};
  const mutants: readonly Check<string, Evidence>[] = [
    {
      ...PURE,
      judge: (facts) => ({
        action: "continue",
        check: "mutant",
        evidence: { ...facts, counted: counted++ },
      }),
    },
    {
      ...PURE,
      gather: (text) => (remembered = { text }),
      judge: (facts) => ({
        action: "continue",
        check: "mutant",
        evidence: { same: facts === remembered },
      }),
    },
    { ...PURE, gather: () => ({ most: Infinity }) },
    { ...PURE, gather: () => ({ gone: undefined as never }) },
    { ...PURE, suffices: () => false },
  ];
  const verdictOf = (mutant: Check<string, Evidence>) => {
    const asked = stage([mutant]);
    const verdict = asked("x");
    assert.ok(!(verdict instanceof Promise));
    return [asked, verdict] as const;
  };
  assertTheSame(...verdictOf(PURE));
  for (const mutant of mutants) assert.throws(() => assertTheSame(...verdictOf(mutant)));
});
