/** How much a login may send: what counts, which limit is named, and when there is room again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatStatus, type Login, type MailboxId } from "../../src/mail/index.ts";
import {
  DAY_MS,
  HOUR_MS,
  limitReached,
  type SendingAccount,
  type SendingLimits,
  type SentTally,
} from "../../src/policy/checks/index.ts";
import { sendingLimitCheck } from "../../src/policy/checks/sending-limit.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 28, 13, 30);
const ann: Login = { mailbox: 1 as MailboxId, address: "ann@local.example" };

const LIMITS: SendingLimits = {
  messagesPerHour: 10,
  recipientsPerHour: 20,
  messagesPerDay: 30,
  recipientsPerDay: 50,
  recipientsPerMessage: 15,
};

function sent(minutesAgo: number, messages: number, recipients = messages): SentTally {
  return { until: NOW - minutesAgo * MINUTE, messages, recipients };
}

function verdictOn(account: Partial<SendingAccount>, recipientsBefore?: number, limits = LIMITS) {
  const check = sendingLimitCheck({
    account: () => ({ now: NOW, sent: [], ...account }),
    limits: () => limits,
  });
  const facts = check.gather({
    login: ann,
    ...(recipientsBefore !== undefined && { recipientsBefore }),
  });
  assert.ok(!(facts instanceof Promise));
  assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts, "facts can be written down");
  const verdict = check.judge(facts);
  return { facts, verdict, told: verdict.evidence };
}

function asked(tallies: readonly SentTally[], recipientsBefore?: number): string {
  const { verdict } = verdictOn({ sent: tallies }, recipientsBefore);
  return "status" in verdict ? formatStatus(verdict.status) : verdict.action;
}

test("the message that reaches a limit is sent, the next one is not", () => {
  assert.equal(asked([]), "continue");
  assert.equal(asked([sent(59, 9)]), "continue");
  assert.equal(
    asked([sent(59, 10)]),
    "450 4.7.1 sending limit of 10 messages an hour reached, again at 13:31 UTC",
  );
  assert.equal(asked([sent(60, 10)]), "continue");
});

test("room comes as soon as enough of it is old", () => {
  const tallies = [sent(50, 2), sent(40, 3), sent(10, 5)];
  assert.match(asked(tallies), /again at 13:40 UTC$/);
  assert.match(asked([sent(50, 2), sent(40, 3), sent(10, 8)]), /again at 13:50 UTC$/);
  assert.match(asked([sent(50, 2), sent(40, 3), sent(10, 20)]), /again at 14:20 UTC$/);
});

test("recipients count from the first on, with those that this message has", () => {
  assert.equal(asked([sent(30, 1, 19)]), "continue");
  assert.match(
    asked([sent(30, 1, 20)]),
    /^450 4\.7\.1 sending limit of 20 recipients an hour reached, again at 14:00 UTC$/,
  );
  assert.equal(asked([sent(30, 1, 12)], 7), "continue");
  assert.match(asked([sent(30, 1, 12)], 8), /20 recipients an hour/);
});

test("a day has limits too, and where both are reached the one that lasts longer is named", () => {
  const day = [sent(20 * 60, 20), sent(5 * 60, 10)];
  assert.equal(
    asked(day),
    "450 4.7.1 sending limit of 30 messages a day reached, again at 17:30 UTC",
  );
  assert.match(asked([...day, sent(5, 10)]), /30 messages a day reached/);
  assert.equal(
    asked([sent(5 * 60, 1, 50)]),
    "450 4.7.1 sending limit of 50 recipients a day reached, again at 2026-11-29 08:30 UTC",
  );
  assert.equal(asked([sent(24 * 60, 1, 50)]), "continue");
});

test("one message has so many recipients, and the next one takes the rest", () => {
  assert.equal(asked([], 14), "continue");
  assert.equal(asked([], 15), "452 4.5.3 sending limit of 15 recipients a message reached");
});

test("no message has more recipients than an hour or a day may have", () => {
  const small = (limits: Partial<SendingLimits>) =>
    verdictOn({}, 4, { ...LIMITS, ...limits }).told["reached"];
  assert.equal(small({ recipientsPerHour: 4 }), "4 recipients a message");
  assert.equal(small({ recipientsPerDay: 3 }), "3 recipients a message");
  assert.equal(small({ recipientsPerDay: 5 }), undefined);
});

test("only a limit that ends by itself is a reason to hold what is in the queue", () => {
  assert.equal(limitReached(verdictOn({ sent: [sent(5, 10)] }).verdict), true);
  assert.equal(limitReached(verdictOn({}, 15).verdict), false);
  assert.equal(limitReached(verdictOn({}).verdict), false);
});

test("no minute too early: a time is rounded up", () => {
  const until = NOW - 30 * MINUTE + 1;
  assert.match(asked([{ until, messages: 10, recipients: 10 }]), /again at 14:01 UTC$/);
});

test("the facts are what was sent in the hour and the day, and what is asked for", () => {
  const { facts } = verdictOn({ sent: [sent(120, 4, 8), sent(20, 2, 3)] }, 1);
  assert.deepEqual(facts, {
    login: "ann@local.example",
    messagesHour: 2,
    recipientsHour: 3,
    messagesDay: 6,
    recipientsDay: 11,
    recipientsNow: 2,
    askedAt: NOW,
  });
});

test("at the time that is named there is room, and not a moment before", () => {
  const tally = fc.record({
    ago: fc.integer({ min: 0, max: DAY_MS + HOUR_MS }),
    messages: fc.integer({ min: 0, max: 12 }),
    recipients: fc.integer({ min: 0, max: 25 }),
  });
  fc.assert(
    fc.property(fc.array(tally, { maxLength: 8 }), fc.nat(14), (tallies, before) => {
      const all = tallies
        .toSorted((a, b) => b.ago - a.ago)
        .map(({ ago, ...counts }) => ({ until: NOW - ago, ...counts }));
      const { told } = verdictOn({ sent: all }, before);
      const againAt = told["againAt"];
      if (typeof againAt !== "number") return;
      assert.ok(againAt > NOW);
      const at = (now: number) => verdictOn({ sent: all, now }, before).told["reached"];
      assert.equal(at(againAt - 1), told["reached"]);
      assert.notEqual(at(againAt), told["reached"]);
    }),
  );
});
