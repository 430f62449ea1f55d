/** What `gatepost explain` says, from the facts of sessions to the text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  messageId,
  parseSessionId,
  status,
  type AttemptFacts,
  type FactEvent,
  type SessionFacts,
  type SessionId,
} from "../../../src/mail/index.ts";
import { explain } from "../../../src/operate/journal/index.ts";
import type { Journal, JournalQuery, StoredRecord } from "../../../src/store/index.ts";

const ID = sessionIdOf("abcdefghij01");
const AT = Date.UTC(2026, 0, 31, 23, 59, 58);

const DENIED = status(550, "5.7.1", "relaying denied", "policy/relay", "the domain is not ours");
const ACCEPTED = status(250, "2.0.0", "accepted", "receive");

const REFUSED_RECIPIENT: FactEvent = {
  at: 250,
  kind: "recipient",
  address: "x@foreign.example",
  decision: {
    check: "relay",
    action: "refuse",
    status: DENIED,
    evidence: { client: "stranger", recipient: "foreign" },
  },
};

function sessionIdOf(text: string): SessionId {
  const id = parseSessionId(text);
  assert.ok(id !== undefined);
  return id;
}

function facts(events: readonly FactEvent[], parts: Partial<SessionFacts> = {}): SessionFacts {
  return {
    v: 1,
    protocol: "smtp",
    session: ID,
    at: AT,
    listener: "smtp",
    ip: "192.0.2.7",
    events,
    ...parts,
  };
}

function stored(json: unknown, parts: Partial<StoredRecord> = {}): StoredRecord {
  return {
    session: ID,
    at: AT,
    lastAt: AT,
    count: 1,
    ip: "192.0.2.7",
    addresses: [],
    json: JSON.stringify(json),
    ...parts,
  };
}

/** A journal that finds these, and keeps what it was asked. */
class FakeJournal implements Pick<Journal, "find"> {
  asked: JournalQuery | undefined;
  readonly #records: readonly StoredRecord[];

  constructor(records: readonly StoredRecord[] = []) {
    this.#records = records;
  }

  find(query: JournalQuery): Promise<readonly StoredRecord[]> {
    this.asked ??= query;
    return Promise.resolve(this.#records);
  }
}

function told(records: readonly StoredRecord[], subject: string): Promise<string> {
  return explain(new FakeJournal(records), subject, false);
}

for (const [subject, query] of [
  ["abcdefghij01", { kind: "session", session: ID }],
  ["abcdefghij01-2", { kind: "session", session: ID }],
  ["192.0.2.7", { kind: "ip", ip: "192.0.2.7", limit: 50 }],
  ["::ffff:192.0.2.7", { kind: "ip", ip: "192.0.2.7", limit: 50 }],
  ["2001:DB8::1", { kind: "ip", ip: "2001:db8::1", limit: 50 }],
  ["Ann@Example.ORG", { kind: "address", address: "ann@example.org", limit: 50 }],
  ["Postmaster", { kind: "address", address: "postmaster", limit: 50 }],
] as const)
  test(`"${subject}" asks for a ${query.kind}`, async () => {
    const journal = new FakeJournal();
    await explain(journal, subject, false);
    assert.deepEqual(journal.asked, query);
  });

test("what is neither of them is said to be so, and the journal is not asked", async () => {
  const journal = new FakeJournal();
  assert.match(await explain(journal, "ann", false), /"ann" is no session, message, mail address/);
  assert.equal(journal.asked, undefined);
});

test("a session is told with who, when, TLS, each step, its reply and why", async () => {
  const whole = facts([{ at: 120, kind: "sender", address: "a@b.example" }, REFUSED_RECIPIENT], {
    port: 4711,
    proxied: "10.0.0.1",
    helo: "mail.b.example",
    tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
    endedAt: AT + 1500,
    ending: "quit",
  });
  assert.equal(
    await told([stored(whole)], ID),
    `session  abcdefghij01, smtp on smtp
from     192.0.2.7 port 4711, through the proxy 10.0.0.1
began    2026-01-31 23:59:58 UTC, lasted 1.500 s
helo     mail.b.example
tls      TLSv1.3 TLS_AES_256_GCM_SHA384

  0.120 s  from <a@b.example>
  0.250 s  to <x@foreign.example>
             refused by relay: 550 5.7.1 relaying denied
             because the domain is not ours
             judged on client=stranger recipient=foreign

ended    quit`,
  );
});

for (const [who, parts] of [
  ["the peer branch, by its key or its own authority", { level: "pinned", peer: "branch" }],
  ["the peer branch, by a public authority", { level: "certificate", peer: "branch" }],
  ["no peer; a public authority vouches for its names", { level: "certificate" }],
  [
    "no peer: its certificate has expired",
    { level: "none", reason: "its certificate has expired" },
  ],
] as const)
  test(`a certificate that was shown: ${who}`, async () => {
    const [certificate, key] = ["ab".repeat(32), "cd".repeat(32)];
    const names = ["mx.b.example", "*.b.example\x1b[2J"];
    const text = await told(
      [stored(facts([], { caller: { certificate, key, names, ...parts } }))],
      ID,
    );
    assert.ok(text.includes(`\ncaller   ${who}\n`), text);
    assert.match(text, /certificate for mx\.b\.example, \*\.b\.example.*, sha256 abab/);
    assert.match(text, /its key sha256 cdcd/);
    assert.doesNotMatch(text, /\x1b/);
  });

test("one whose key cannot be read, and that is for nobody", async () => {
  const caller = { certificate: "ab".repeat(32), names: [], level: "none", reason: "x" } as const;
  const text = await told([stored(facts([], { caller }))], ID);
  assert.match(text, /certificate for no domain, sha256/);
  assert.doesNotMatch(text, /its key/);
});

test("every kind of step has its line", async () => {
  const text = await told(
    [
      stored(
        facts([
          { at: 1, kind: "sender", address: "" },
          {
            at: 2,
            kind: "recipient",
            address: "ann@example.org",
            decision: { check: "quota", action: "continue", evidence: {} },
          },
          {
            at: 3,
            kind: "message",
            message: messageId(ID, 1),
            octets: 1234,
            decision: { check: "receive", action: "accept", status: ACCEPTED, evidence: {} },
          },
          {
            at: 4,
            kind: "refused",
            command: "EXPN staff",
            status: status(502, "5.5.1", "not here", "smtp"),
          },
          { at: 5, kind: "login", login: "ann@example.org", result: "wrong" },
          {
            at: 6,
            kind: "login",
            login: "ann@example.org",
            result: "ok",
            mechanism: "PLAIN",
            appPassword: "phone",
            slowedMs: 2000,
          },
          { at: 7, kind: "maildrop", retrieved: 3, deleted: 2 },
        ]),
      ),
    ],
    ID,
  );
  for (const line of [
    "tls      none",
    "0.001 s  from <>",
    "passed by quota",
    "message abcdefghij01-1, 1234 octets",
    "accepted by receive: 250 2.0.0 accepted",
    "refused: EXPN staff",
    "502 5.5.1 not here",
    "login ann@example.org: wrong",
    "login ann@example.org by PLAIN with the app password phone, held back 2.000 s: ok",
    "maildrop: 3 fetched, 2 deleted",
  ])
    assert.ok(text.includes(line), `no line "${line}" in\n${text}`);
});

test("the records of one session are one story, in their order", async () => {
  const early = facts([{ at: 10, kind: "sender", address: "one@b.example" }], { eventsLeftOut: 2 });
  const late = facts([{ at: 20, kind: "sender", address: "two@b.example" }], {
    eventsLeftOut: 3,
    ending: "quit",
  });
  const text = await told([stored(late), stored(early)], ID); // the journal finds the last first
  const order = [
    "one@b.example",
    "two@b.example",
    "and 5 more that were not kept",
    "ended    quit",
  ];
  const places = order.map((words) => text.indexOf(words));
  assert.ok(!places.includes(-1), text);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test("an address or a host is told as its sessions, a line each, folded ones counted", async () => {
  const other = sessionIdOf("zzzzzzzzzz02");
  const done = facts([
    {
      at: 3,
      kind: "message",
      message: messageId(other, 1),
      octets: 5,
      decision: { check: "receive", action: "accept", status: ACCEPTED, evidence: {} },
    },
  ]);
  const records = [
    stored(facts([REFUSED_RECIPIENT, REFUSED_RECIPIENT]), { count: 417 }),
    stored(done, { session: other, at: AT - 60_000 }),
  ];
  assert.equal(
    await told(records, "192.0.2.7"),
    `2 sessions of 192.0.2.7, the last first; gatepost explain ID shows one whole

2026-01-31 23:59:58  abcdefghij01  smtp  192.0.2.7         ×417  refused: 550 5.7.1 relaying denied (and 1 before)
2026-01-31 23:58:58  zzzzzzzzzz02  smtp  192.0.2.7               1 message accepted`,
  );
});

test("a folded session says how many went the same way, and until when", async () => {
  const record = stored(facts([REFUSED_RECIPIENT]), { count: 3, lastAt: AT + 60_000 });
  assert.match(
    await told([record], ID),
    /times {4}3 like this one, the last at 2026-02-01 00:00:58/,
  );
});

test("what a POP3 session came to is said too", async () => {
  const events: readonly FactEvent[] = [
    { at: 1, kind: "login", login: "ann@example.org", result: "wrong" },
    { at: 2, kind: "login", login: "ann@example.org", result: "ok" },
    { at: 3, kind: "maildrop", retrieved: 3, deleted: 2 },
  ];
  const text = await told([stored(facts(events, { protocol: "pop3" }))], "ann@example.org");
  assert.ok(text.endsWith("login: wrong; 3 fetched, 2 deleted"), text);
});

test("a session without any step is told by how it ended", async () => {
  const text = await told([stored(facts([], { ending: "timeout" }))], "192.0.2.7");
  assert.ok(text.endsWith("timeout"), text);
});

test("nothing known is an answer, with a hint where sessions fold", async () => {
  assert.match(await told([], "192.0.2.7"), /knows nothing of 192\.0\.2\.7/);
  assert.match(await told([], ID), /only the first is kept: ask for the IP address/);
});

test("what strangers wrote cannot speak to the terminal", async () => {
  const nasty = "\u001b[2J\u0007\u202egnp\u009b31m\nFAKE LINE";
  const events: readonly FactEvent[] = [
    {
      at: 1,
      kind: "refused",
      command: nasty,
      status: status(500, "5.5.2", "what", "smtp", nasty),
    },
  ];
  const text = await told([stored(facts(events, { helo: nasty }))], ID);
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.doesNotMatch(text, /^FAKE LINE/m);
});

test("as JSON it is the same facts, for any subject and also when there is nothing", async () => {
  const whole = facts([REFUSED_RECIPIENT], { ending: "quit" });
  const journal = new FakeJournal([stored(whole, { count: 2, lastAt: AT + 5 })]);
  assert.deepEqual(JSON.parse(await explain(journal, ID, true)), {
    subject: ID,
    sessions: [{ session: ID, at: AT, lastAt: AT + 5, count: 2, ip: "192.0.2.7", facts: whole }],
    attempts: [],
  });
  const nothing = await explain(new FakeJournal(), "nonsense", true);
  assert.deepEqual(JSON.parse(nothing), { subject: "nonsense", sessions: [], attempts: [] });
});

const ATTEMPT: AttemptFacts = {
  v: 1,
  protocol: "delivery",
  message: messageId(ID, 1),
  at: AT + 2000,
  endedAt: AT + 2500,
  sender: "ann@local.example",
  destination: "foreign.example",
  carried: {
    host: "mx.foreign.example",
    ip: "198.51.100.2",
    tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
    certificate: { sha256: "ab12", why: "it is the pinned one" },
    security: { level: "mta-sts", why: "the policy of foreign.example is enforced", tested: "x" },
  },
  recipients: [
    {
      address: "x@foreign.example",
      outcome: {
        status: status(250, "2.0.0", "Ok", "remote"),
        reply: { host: "mx.foreign.example", lines: ["250 2.0.0 Ok: queued as 4X"] },
      },
      end: { kind: "delivered" },
    },
    {
      address: "y@foreign.example",
      outcome: {
        status: status(550, "5.1.1", "who", "remote"),
        reply: {
          host: "mx.foreign.example",
          lines: ["550-5.1.1 who", "550 5.1.1 is \u001b[31mthat"],
        },
      },
      end: { kind: "failed" },
      report: { due: true, reason: "failure is reported unless the sender says otherwise" },
    },
    {
      address: "z@foreign.example",
      outcome: { status: status(451, "4.4.1", "no answer", "delivery", "timeout"), inDoubt: true },
      end: { kind: "due again", dueAt: AT + 302_500 },
    },
  ],
  report: messageId(sessionIdOf("abcdefghij02"), 1),
  passedOver: ["451 4.7.5 the certificate of mx1 is not trusted"],
};

test("a message's delivery attempts stand behind its session: when, where to, and the exact replies", async () => {
  const later = { ...ATTEMPT, at: AT + 400_000, endedAt: AT + 400_000, carried: undefined };
  const text = await told([stored(later), stored(ATTEMPT), stored(facts([]))], `${ID}-1`);
  assert.match(
    text,
    /^session  abcdefghij01, smtp[^]*\nattempt  abcdefghij01-1 to foreign.example\n/,
  );
  assert.match(
    text,
    /server   mx.foreign.example \[198.51.100.2\], TLSv1.3 TLS_AES_256_GCM_SHA384/,
  );
  assert.match(
    text,
    /\nsecurity MTA-STS, the policy of foreign.example is enforced\n {9}were the policy enforced, x\n/,
  );
  assert.match(text, /\ntried    451 4\.7\.5 the certificate of mx1 is not trusted\nto /);
  assert.match(text, /\n +certificate sha256:ab12: it is the pinned one\n/);
  assert.match(text, /to       <x@foreign.example> delivered\n +250 2.0.0 Ok: queued as 4X\n/);
  assert.match(
    text,
    /<y@foreign.example> failed\n +550-5.1.1 who\n +550 5.1.1 is \?\[31mthat\n +reported/,
  );
  assert.match(text, /<z@foreign.example> deferred, again at 2026-02-01 00:05:00 UTC, in doubt\n/);
  assert.match(text, /451 4.4.1 no answer\n +because timeout/);
  assert.match(text, /report abcdefghij02-1 to <ann@local.example>/);
  assert.ok(text.indexOf("no connection") > text.indexOf("TLSv1.3"), "the earlier one is first");
});

test("attempts are found by themselves when the session was forgotten, and by address in a line each", async () => {
  assert.match(await told([stored(ATTEMPT)], ID), /attempt  abcdefghij01-1/);
  const list = await told([stored(ATTEMPT)], "198.51.100.2");
  assert.match(list, /^1 delivery attempt of 198.51.100.2/);
  assert.match(list, /foreign.example: 1 delivered, 1 deferred, 1 failed/);
  const json: unknown = JSON.parse(await explain(new FakeJournal([stored(ATTEMPT)]), ID, true));
  assert.deepEqual(json, { subject: ID, sessions: [], attempts: [ATTEMPT] });
});

test("facts of a newer shape are not misread", async () => {
  const record = stored({ v: 2, events: "something else" });
  assert.match(await told([record], ID), /newer Gatepost/);
  assert.match(await told([record], "192.0.2.7"), /newer Gatepost/);
});

test("a Message-ID in one session is that session, whole; else it is a list like an address", async () => {
  const named = "<one.x+y=z@mail.foreign.example>";
  const asked: string[] = [];
  const whole = facts([REFUSED_RECIPIENT], { ending: "quit" });
  const journal: Pick<Journal, "find"> = {
    find: (query) => {
      asked.push(query.kind === "address" ? query.address : query.kind);
      const known =
        query.kind === "session" || (query.kind === "address" && query.address === named);
      return Promise.resolve(known ? [stored(whole)] : []);
    },
  };
  for (const text of [named, named.slice(1, -1)])
    assert.match(await explain(journal, text, false), /^session {2}abcdefghij01[^]*ended    quit$/);
  assert.deepEqual(asked, [named, "session", named.slice(1, -1), named, "session"]);
});
