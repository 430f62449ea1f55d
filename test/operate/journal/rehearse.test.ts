/** The journal under another configuration: what would change and why, who would be missed, and what nobody can tell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  leanEvents,
  messageId,
  parseDomain,
  parseSessionId,
  status,
  type CheckedFacts,
  type FactDecision,
  type FactEvent,
  type IdentityLevel,
  type SessionFacts,
} from "../../../src/mail/index.ts";
import {
  rehearsalText,
  rehearse,
  type Rehearsed,
  type StaleFacts,
} from "../../../src/operate/journal/index.ts";
import { stages, type StagesDeps } from "../../../src/policy/checks/index.ts";
import { DEFAULT_ORIGIN_ACTIONS } from "../../../src/policy/checks/origin.ts";
import type { Journal, StoredRecord } from "../../../src/store/index.ts";

const AT = Date.UTC(2026, 0, 31, 12);
const DAY = 86_400_000;

const passed = (check: string, facts: CheckedFacts["facts"] = {}): CheckedFacts => ({
  check,
  action: "continue",
  facts: facts,
});

function decided(checks: readonly CheckedFacts[], parts: Partial<FactDecision> = {}): FactDecision {
  return { check: "all", action: "continue", evidence: {}, checks, ...parts };
}

const SENDER = decided([passed("admission", { level: "none" })]);
const RECIPIENT = decided([
  passed("relay", { client: "public address", recipient: "mailbox" }),
  ...["peer", "return", "network spread", "quota", "gateway"].map((name) => passed(name)),
]);

function message(spf: string, level: IdentityLevel): FactDecision {
  return decided(
    [
      passed("hops", { received: 1 }),
      passed("return size"),
      passed("dmarc", { dmarc: "none" }),
      passed("spf", { spf, spfDomain: "b.example", dmarc: "none" }),
      passed("dkim", { dkim: "none" }),
      passed("iprev", { iprev: "pass" }),
      passed("admission", { level }),
    ],
    { action: "accept", status: status(250, "2.0.0", "accepted", "receive") },
  );
}

interface Mail {
  readonly from?: string;
  readonly to?: string;
  readonly spf?: string;
  readonly level?: IdentityLevel;
  readonly at?: number;
  readonly login?: string;
  readonly count?: number;
  readonly decisions?: Partial<Record<"sender" | "recipient" | "message", FactDecision>>;
}

let mails = 0;

function mail({
  from = "sam@b.example",
  to = "ann@local.example",
  spf = "fail",
  level = "none",
  at = AT,
  login,
  count = 1,
  decisions = {},
}: Mail = {}): StoredRecord {
  const session = parseSessionId(String(++mails).padStart(12, "0")) ?? assert.fail();
  const recipient =
    login === undefined
      ? RECIPIENT
      : decided([passed("relay", { client: "login", recipient: "foreign domain", login })]);
  const events: readonly FactEvent[] = [
    { at: 1, kind: "sender", address: from, decision: decisions.sender ?? SENDER },
    { at: 2, kind: "recipient", address: to, decision: decisions.recipient ?? recipient },
    {
      at: 3,
      kind: "origin",
      spf,
      spfDomain: "b.example",
      dkim: "none",
      dmarc: "none",
      arc: "none",
      iprev: "pass",
      level,
    },
    {
      at: 4,
      kind: "message",
      message: messageId(session, 1),
      octets: 9,
      decision: decisions.message ?? message(spf, level),
    },
  ];
  const facts: SessionFacts = {
    v: 1,
    protocol: "smtp",
    session,
    at,
    listener: "smtp",
    ip: "192.0.2.7",
    events,
  };
  return {
    session,
    at,
    lastAt: at,
    count,
    ip: "192.0.2.7",
    addresses: [from, to],
    json: JSON.stringify({ ...facts, events: leanEvents(events) }),
  };
}

class MemoryJournal implements Pick<Journal, "find" | "page"> {
  readonly #records: readonly StoredRecord[];

  constructor(records: readonly StoredRecord[]) {
    this.#records = records;
  }

  find: Journal["find"] = (query) =>
    Promise.resolve(
      this.#records.filter(
        ({ addresses }) => query.kind === "address" && addresses.includes(query.address),
      ),
    );

  /** One a page. */
  page: Journal["page"] = (since, _limit, after = 0) => {
    const wanted = this.#records.filter(({ lastAt }) => lastAt >= since);
    const records = wanted.slice(after, after + 1);
    return Promise.resolve({ records, ...(after + 1 < wanted.length && { next: after + 1 }) });
  };
}

const NEVER_STALE: StaleFacts = () => undefined;

function tried(
  records: readonly StoredRecord[],
  deps: StagesDeps,
  stale: StaleFacts = NEVER_STALE,
): Promise<Rehearsed> {
  return rehearse({ journal: new MemoryJournal(records), stages: stages(deps), stale }, AT);
}

const SPF_REFUSES: StagesDeps = { origin: { ...DEFAULT_ORIGIN_ACTIONS, spf: "refuse" } };
const SPF_IGNORED: StagesDeps = { origin: { ...DEFAULT_ORIGIN_ACTIONS, spf: "ignore" } };

test("what would be refused is counted by its reason, with the setting and examples", async () => {
  const records = [...Array(7).keys()].map(() => mail());
  const { transactions, decisions, changes } = await tried(
    [...records, mail({ spf: "pass" })],
    SPF_REFUSES,
  );
  assert.equal(transactions, 8);
  assert.deepEqual(decisions, { same: 17, changed: 7, unknown: 0, notReached: 0 });
  const [change, ...more] = changes;
  assert.deepEqual(more, []);
  assert.deepEqual(
    [change?.stage, change?.before, change?.after, change?.check, change?.count],
    ["message", "taken", "refused", "spf", 7],
  );
  assert.deepEqual(change?.setting, { key: "authentication.spf", value: "refuse" });
  assert.equal(change?.examples.length, 5);
  assert.deepEqual(change?.examples[0], {
    session: records[0]?.session,
    at: AT,
    ip: "192.0.2.7",
    from: "sam@b.example",
  });
});

test("two settings of one check are two reasons", async () => {
  const DOMAIN = parseDomain("bank.example") ?? assert.fail();
  const messages = ["b.example", "b.example", "bank.example"].map((domain) => {
    const { checks = [], ...rest } = message("pass", "none");
    const known = checks.map((one) =>
      one.check === "admission" ? { ...one, facts: { ...one.facts, domain } } : one,
    );
    return mail({ spf: "pass", decisions: { message: { ...rest, checks: known } } });
  });
  const domains = new Map([[DOMAIN, "aligned" as const]]);
  const { changes } = await tried(messages, {
    admission: { require: "forward-confirmed", domains },
  });
  assert.deepEqual(
    changes.map(({ setting, count }) => [setting?.key, count]),
    [
      ["admission.require", 2],
      ["admission.domains.bank.example", 1],
    ],
  );
});

test("the same policy changes nothing, however often it is tried", async () => {
  const { decisions, changes } = await tried([mail(), mail({ spf: "pass" })], SPF_IGNORED);
  assert.deepEqual([decisions.changed, decisions.unknown, changes], [0, 0, []]);
});

test("behind a no at MAIL, or to all recipients, nothing is asked any more", async () => {
  const admission = { require: "certificate", domains: new Map() } as const;
  const atMail = await tried([mail()], { admission });
  assert.deepEqual(atMail.decisions, { same: 0, changed: 1, unknown: 0, notReached: 2 });
  assert.equal(atMail.changes[0]?.stage, "sender");
  const full = decided([
    ...(RECIPIENT.checks ?? []).filter(({ check }) => check !== "quota"),
    passed("quota", { declaredOctets: 9, freeOctets: 0, quotaOctets: 9 }),
  ]);
  const atRcpt = await tried([mail({ decisions: { recipient: full } })], {});
  assert.deepEqual(atRcpt.decisions, { same: 1, changed: 1, unknown: 0, notReached: 1 });
  assert.deepEqual(
    atRcpt.refusedSenders.map(({ address }) => address),
    ["sam@b.example"],
  );
});

test("a refusal that would not be is told by who had refused", async () => {
  const refused = decided(message("fail", "none").checks ?? [], {
    check: "spf",
    action: "refuse",
    status: status(550, "5.7.23", "no", "policy/spf"),
  });
  const { changes, refusedSenders } = await tried(
    [mail({ decisions: { message: refused } })],
    SPF_IGNORED,
  );
  assert.deepEqual(
    changes.map(({ before, after, check }) => [before, after, check]),
    [["refused", "taken", "spf"]],
  );
  assert.deepEqual(refusedSenders, []);
});

test("what was not kept is unknown and never guessed", async () => {
  const old = { check: "spf", action: "accept", evidence: { spf: "fail" } } as const;
  const without = decided(
    (message("fail", "none").checks ?? []).filter(({ check }) => check !== "spf"),
  );
  const large = decided(
    (message("fail", "none").checks ?? []).map((one) =>
      one.check === "spf" ? { check: "spf", action: "continue" } : one,
    ),
  );
  const records = [old, without, large].map((of) => mail({ decisions: { message: of } }));
  const { decisions, unknown, refusedSenders } = await tried(records, SPF_REFUSES);
  assert.deepEqual(decisions, { same: 6, changed: 0, unknown: 3, notReached: 0 });
  assert.deepEqual(
    unknown.map(({ reason, count }) => [reason, count]),
    [
      ["no facts of spf", 2],
      ["no facts were kept", 1],
    ],
  );
  assert.deepEqual(refusedSenders, []);
});

test("facts that say nothing under the new configuration are unknown, by its reason", async () => {
  const stale: StaleFacts = (_transaction, stage, _decision, to) =>
    stage === "recipient" ? `another way to ${to}` : undefined;
  const { unknown } = await tried([mail()], {}, stale);
  assert.deepEqual(
    unknown.map(({ reason }) => reason),
    ["another way to ann@local.example"],
  );
});

test("what no policy decided stays as it was", async () => {
  const broken = { check: "undecided", action: "defer", evidence: {} } as const;
  const { decisions } = await tried([mail({ decisions: { message: broken } })], SPF_REFUSES);
  assert.deepEqual(decisions, { same: 3, changed: 0, unknown: 0, notReached: 0 });
});

test("sessions that were folded into another one are not judged by its facts", async () => {
  const { transactions, folded } = await tried([mail({ count: 41 })], SPF_REFUSES);
  assert.deepEqual([transactions, folded], [1, 40]);
});

test("only what came since is judged", async () => {
  const { transactions, records } = await tried([mail({ at: AT - 1 }), mail()], {});
  assert.deepEqual([transactions, records], [1, 1]);
});

test("of those newly refused are wanted: whom we wrote to, who wrote on many days, who is known well", async () => {
  const records = [
    mail({ from: "answered@b.example" }),
    mail({
      from: "ann@local.example",
      to: "answered@b.example",
      login: "ann@local.example",
      at: AT - DAY,
    }),
    mail({ from: "regular@b.example" }),
    mail({ from: "regular@b.example", at: AT - 3 * DAY }),
    mail({ from: "known@b.example", level: "aligned" }),
    mail({ from: "stranger@b.example" }),
    mail({ from: "" }),
    mail({ from: "", at: AT - DAY }),
  ];
  const { refusedSenders, wanted } = await tried(records, SPF_REFUSES);
  assert.equal(refusedSenders.length, 5);
  assert.deepEqual(
    wanted.map(({ address, writtenToBy, days, level }) => [address, writtenToBy, days, level]),
    [
      ["answered@b.example", ["ann@local.example"], 1, "none"],
      ["regular@b.example", [], 2, "none"],
      ["known@b.example", [], 1, "aligned"],
    ],
  );
});

test("a person reads how many senders were looked up, and whose mail was not looked at", async () => {
  const rehearsed = await tried([mail(), mail({ from: "other@b.example" })], SPF_REFUSES);
  const [sender] = rehearsed.refusedSenders;
  assert.ok(sender !== undefined);
  const many = Array.from({ length: 1500 }, () => sender);
  const head = { tried: "/a", site: "/b", judged: [], notJudged: [] };
  const text = rehearsalText(head, { ...rehearsed, refusedSenders: many, moreRefused: 7 });
  assert.match(
    text,
    /none of 1000 senders with the most mail, of 1500, whose mail would be refused:/,
  );
  assert.match(text, /and 7 mails of further senders, who were not looked up/);
});

test("a person reads numbers, reasons, examples and people", async () => {
  const rehearsed = await tried(
    [mail({ from: "known@b.example\u001b[2J", level: "aligned" }), mail({ count: 3 })],
    SPF_REFUSES,
  );
  const head = {
    tried: "/new.toml",
    site: "/etc/gatepost.toml",
    judged: ["authentication.spf"],
    notJudged: ["log.level"],
  };
  const text = rehearsalText(head, rehearsed);
  for (const line of [
    "/new.toml on the journal of /etc/gatepost.toml, since 2026-01-31 12:00:00 UTC (2 records)",
    "differs in authentication.spf",
    "and in what cannot be judged again, or decides nothing: log.level",
    "      2 changed",
    '      2 the message: refused instead of taken, by spf, authentication.spf = "refuse"',
    "      1 of 2 senders whose mail would be refused",
  ])
    assert.ok(text.split("\n").includes(line), `no line "${line}" in\n${text}`);
  assert.match(text, /<known@b\.example.*>: identity aligned \(0{10}/);
  assert.match(text, /2 sessions more went the same way/);
  assert.doesNotMatch(text, /\u001b/);
});
