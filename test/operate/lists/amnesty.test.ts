/** Whom a list has kept out, as the journal has it: at RCPT and with the message, put off and refused, alone and with other lists. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  status,
  type FactDecision,
  type FactEvent,
  type SessionId,
} from "../../../src/mail/index.ts";
import { amnestyLines, keptOut } from "../../../src/operate/lists/index.ts";
import type { Journal, JournalPage, StoredRecord } from "../../../src/store/index.ts";

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 10, 28, 12);
const WINDOW = { since: AT, until: AT + HOUR };

function decided(action: FactDecision["action"], lists: string, check = "listed"): FactDecision {
  const said =
    action === "refuse"
      ? { status: status(550, "5.7.1", "listed", "test") }
      : { status: status(451, "4.7.1", "listed", "test") };
  return { check, action, evidence: { listScore: 10, lists }, ...(action !== "continue" && said) };
}

interface Rest {
  readonly at?: number;
  readonly count?: number;
  readonly lastAt?: number;
  readonly protocol?: string;
}

function record(events: readonly FactEvent[], rest: Rest = {}): StoredRecord {
  const { at = AT + 1000, count = 1, lastAt = at, protocol = "smtp" } = rest;
  const session = "s1" as SessionId; // nobody reads it
  const facts = { v: 1, protocol, session, at, listener: "smtp", ip: "192.0.2.7", events };
  return {
    session,
    at,
    lastAt,
    count,
    ip: "192.0.2.7",
    addresses: [],
    json: JSON.stringify(facts),
  };
}

function sender(address: string, at = 0): FactEvent {
  return { at, kind: "sender", address };
}

function recipient(address: string, decision: FactDecision, at = 10): FactEvent {
  return { at, kind: "recipient", address, decision };
}

class Records implements Pick<Journal, "page"> {
  readonly #records: readonly StoredRecord[];

  constructor(...records: readonly StoredRecord[]) {
    this.#records = records;
  }

  async page(since: number, limit: number, after = 0): Promise<JournalPage> {
    const within = this.#records.filter(({ lastAt }) => lastAt >= since);
    const records = within.slice(after, after + limit);
    const next = after + limit;
    return { records, ...(next < within.length && { next }) };
  }
}

async function found(
  list: string,
  ...records: readonly StoredRecord[]
): Promise<readonly string[]> {
  const all = await keptOut(new Records(...records), list, WINDOW);
  return all.map(
    ({ action, sender: from, recipient: to, times, because, others }) =>
      `${action} ${from} ${to} ${times} ${because}${others.map((one) => ` + ${one}`).join("")}`,
  );
}

test("each recipient that a list refused or put off at RCPT, with what others said", async () => {
  const events = [
    sender("sam@foreign.example"),
    recipient(
      "a@local.example",
      decided("refuse", "Zen: client 192.0.2.7 XBL 10; Cop: client 192.0.2.7 spam 5"),
    ),
    recipient("b@local.example", decided("defer", "Zen: client 192.0.2.7 XBL 10")),
    recipient("c@local.example", decided("refuse", "Cop: client 192.0.2.7 spam 10")),
    recipient("d@local.example", decided("continue", "Zen: client 192.0.2.7 XBL 4")),
    recipient("e@local.example", decided("refuse", "Zen: client 192.0.2.7 XBL 10", "spf")),
    recipient("f@local.example", decided("refuse", "Zen 2: client 192.0.2.7 XBL 10")),
  ];
  assert.deepEqual(await found("Zen", record(events)), [
    "refuse sam@foreign.example a@local.example 1 client 192.0.2.7 XBL 10 + Cop: client 192.0.2.7 spam 5",
    "defer sam@foreign.example b@local.example 1 client 192.0.2.7 XBL 10",
  ]);
});

test("of a message that was refused, those recipients that had been taken", async () => {
  const ok = decided("continue", "");
  const message: FactEvent = {
    at: 20,
    kind: "message",
    message: "s1-1" as Extract<FactEvent, { kind: "message" }>["message"],
    octets: 100,
    decision: decided("refuse", "Zen: author bad.example phishing 10"),
  };
  const events = [
    sender("x@other.example"),
    recipient("before@local.example", ok),
    sender("sam@foreign.example"),
    recipient("a@local.example", ok),
    recipient("b@local.example", decided("refuse", "", "relay")),
    message,
  ];
  assert.deepEqual(await found("Zen", record(events)), [
    "refuse sam@foreign.example a@local.example 1 author bad.example phishing 10",
  ]);
});

test("who tried again is one, however many sessions and rows that were", async () => {
  const events = [
    sender(""),
    recipient("a@local.example", decided("defer", "Zen: client 192.0.2.7 XBL 10")),
  ];
  const later = record(events, { at: AT + 600_000, count: 3, lastAt: AT + 900_000 });
  assert.deepEqual(await found("Zen", record(events), later), [
    "defer  a@local.example 4 client 192.0.2.7 XBL 10",
  ]);
});

test("only what happened within the time: by when it was decided, not by when the session began", async () => {
  const of = (at: number, eventAt: number, lastAt = at): StoredRecord =>
    record(
      [
        sender("sam@foreign.example"),
        recipient("a@local.example", decided("refuse", "Zen: client 192.0.2.7 XBL 10"), eventAt),
      ],
      { at, lastAt },
    );
  const count = async (one: StoredRecord): Promise<number> => (await found("Zen", one)).length;
  assert.equal(await count(of(AT - 60_000, 10)), 0);
  assert.equal(await count(of(AT - 60_000, 60_001)), 1);
  assert.equal(await count(of(AT - 60_000, 10, AT + 1000)), 1, "the last of those it stands for");
  assert.equal(await count(of(AT + HOUR, 0)), 0);
  assert.equal(await count(of(AT + HOUR - 1000, 5000)), 0);
});

test("attempts to deliver, and what a newer Gatepost wrote, are passed over; a long journal is read page by page", async () => {
  const events = [recipient("a@local.example", decided("refuse", "Zen: client 192.0.2.7 XBL 10"))];
  const attempt = record([], { protocol: "delivery" });
  const newer = { ...record(events), json: '{"v":2}' };
  const many = Array.from({ length: 2500 }, (_, i) =>
    record([
      sender(`s${i}@foreign.example`),
      recipient("a@local.example", decided("refuse", "Zen: client 192.0.2.7 XBL 10")),
    ]),
  );
  assert.equal((await found("Zen", attempt, newer, ...many)).length, 2500);
});

test("a mail names no more senders than it can, and no control character of a stranger", async () => {
  const many = Array.from({ length: 203 }, (_, i) =>
    record([
      sender(`s${i}\u001b[2J@foreign.example`),
      recipient("a@local.example", decided("refuse", "Zen: client 192.0.2.7 XBL 10")),
    ]),
  );
  const all = await keptOut(new Records(...many), "Zen", WINDOW);
  const lines = amnestyLines("Zen", WINDOW, all);
  assert.equal(lines.filter((line) => line.includes("refused  s")).length, 200);
  assert.ok(lines.includes("and 3 more"));
  assert.ok(!lines.join("").includes("\u001b"));
});
