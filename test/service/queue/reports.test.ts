/** Reports: who is told what, once, in which mailbox; and what is left to the operator. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { status, type Outcome } from "../../../src/mail/index.ts";
import type { NotificationAbroad } from "../../../src/service/queue/index.ts";
import { sessionFacts } from "../../../src/operate/journal/index.ts";
import { StoreError, type Departure } from "../../../src/store/index.ts";
import { RECORDS, SIGNING } from "../signing/site.ts";
import { verifyMessage } from "../signing/verifier.ts";
import {
  all,
  ANN,
  domainOf,
  grantFor,
  HOUR,
  known,
  LATER,
  MINUTE,
  NEVER,
  OK,
  queueHouse,
  type QueueHouse,
} from "./house.ts";

/** Sends one message, lets it be attempted, and says what ann has in her mailbox then. */
async function reported(
  house: QueueHouse,
  recipients: Parameters<QueueHouse["send"]>[0],
  parts: Partial<Departure> = {},
  content?: string,
): Promise<readonly string[]> {
  if (house.runner === undefined) house.open();
  await house.send(recipients, parts, content);
  await house.work();
  return house.mail(house.ann);
}

test("a failure is reported to our own user: one report with all that failed, from the null path", async (t) => {
  const house = await queueHouse(t);
  house.answer = all(NEVER);
  const names = [
    "bob@example.net",
    { forwardPath: "eve@example.net", orcpt: "rfc822;e@x.example" },
  ];
  const reports = await reported(house, names, { envid: "QQ+2B1" });
  assert.equal(reports.length, 1);
  const [report = ""] = reports;
  assert.match(report, /^Return-Path: <>\r\nFrom: /);
  assert.match(report, /To: <ann@example.org>/);
  assert.match(report, /Auto-Submitted: auto-replied/);
  assert.match(report, /Original-Envelope-Id: QQ\+1/);
  assert.match(report, /Final-Recipient: rfc822; bob@example.net[^]*Final-Recipient: rfc822; eve/);
  assert.match(report, /Original-Recipient: rfc822; e@x.example/);
  assert.match(report, /Diagnostic-Code: smtp; 550 5.1.1 who\?/);
  assert.match(report, /Subject: Hello\r\nMessage-ID: <1@example.org>/);
  assert.doesNotMatch(report, /\r\nhello\r\n/, "the text came back unasked");
  assert.deepEqual(await house.rows(), []);
  assert.deepEqual(known(house.runner).figures().reports, {
    "own user": 1,
    "proved sender": 0,
    nobody: 0,
  });
});

test("RET=FULL brings a small message back whole, and of a large one the header", async (t) => {
  const house = await queueHouse(t, { returned_bytes: 500 });
  house.answer = all(NEVER);
  const whole = { ret: "FULL" } as const;
  await reported(house, ["bob@example.net"], whole, "Subject: x\r\n\r\nsmall body\r\n");
  const large = `Subject: x\r\n\r\nlarge body ${"x".repeat(500)}\r\n`;
  const [small = "", cut = ""] = await reported(house, ["bob@example.net"], whole, large);
  assert.match(small, /Content-Type: message\/rfc822[^]*small body\r\n/);
  assert.match(cut, /Content-Type: text\/rfc822-headers/);
  assert.doesNotMatch(cut, /large body/);
});

test("late mail is reported once, after four hours, with the time of giving up; then the expiry", async (t) => {
  const house = await queueHouse(t);
  house.answer = all(LATER);
  await reported(house, ["bob@example.net"]);
  await house.pass(3 * HOUR, 5 * MINUTE);
  assert.deepEqual(await house.mail(house.ann), []);
  await house.pass(20 * HOUR, 5 * MINUTE);
  const [late = "", ...more] = await house.mail(house.ann);
  assert.equal(more.length, 0);
  assert.match(late, /Action: delayed[^]*Will-Retry-Until: /);
  await house.pass(100 * HOUR, 5 * MINUTE);
  const [, gone = ""] = await house.mail(house.ann);
  assert.match(gone, /Action: failed\r\nStatus: 5.4.7/);
  assert.match(gone, /451-4.3.0 not now/);
});

/** What must not be answered, and why. */
const UNREPORTED: readonly {
  readonly what: string;
  readonly parts?: Partial<Departure>;
  readonly content?: string;
  readonly reason: RegExp;
}[] = [
  { what: "a report", parts: { reversePath: "" }, reason: /null reverse-path/ },
  {
    what: "a stranger's message",
    parts: { tell: "nobody", reversePath: "forged@victim.example" },
    reason: /not verified/,
  },
  {
    what: "a message that looks like one of ours, but not by its sender",
    parts: { tell: "nobody" },
    reason: /not verified/,
  },
  {
    what: "a report under another name",
    content: "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n",
    reason: /multipart\/report/,
  },
  {
    what: "a holiday notice",
    content: "Auto-Submitted: auto-replied\r\n\r\n",
    reason: /Auto-Submitted/,
  },
  {
    what: "the message of a mailbox that has gone",
    parts: { reversePath: "gone@example.org" },
    reason: /the sender has no mailbox here/,
  },
];
for (const { what, parts, content, reason } of UNREPORTED)
  test(`nothing is reported about ${what}; the postmaster hears of it`, async (t) => {
    const house = await queueHouse(t);
    house.answer = all(NEVER);
    assert.deepEqual(await reported(house, ["bob@example.net"], parts, content), []);
    assert.deepEqual(await house.rows(), []);
    assert.ok(house.log.some(({ event }) => event === "failure not reported"));
    assert.equal(known(house.runner).figures().reports.nobody, 0);
    await house.pass(2 * MINUTE, 1000);
    const [notice = "", ...more] = await house.mail(house.postmaster);
    assert.equal(more.length, 0);
    assert.match(notice, /^Return-Path: <>/);
    assert.match(notice, /to <bob@example.net>\r\n +550 5.1.1 who\?\r\n +not reported: /);
    assert.match(notice, /no sender was told,\r\nfor the reason that stands with each\./);
    assert.match(notice, reason);
  });

test("the journal has a notice as every letter of the server", async (t) => {
  const house = await queueHouse(t);
  house.answer = all(NEVER);
  house.open();
  await house.send(["bob@example.net", "eve@example.net"], { reversePath: "" });
  await house.pass(2 * MINUTE, 1000);
  const about = { kind: "address", address: "postmaster@example.org", limit: 1 } as const;
  const [record] = await house.store.journal.find(about);
  const { listener, events } = known(sessionFacts(known(record)));
  assert.equal(listener, "notice to the operator");
  const [event] = events;
  assert.ok(event?.kind === "message");
  assert.deepEqual(event.decision.evidence, { recipients: 2 });
});

test("who asked for no reports gets none, and the postmaster is not asked instead", async (t) => {
  const house = await queueHouse(t);
  house.answer = all(NEVER);
  const silent = [{ forwardPath: "bob@example.net", notify: ["NEVER"] as const }];
  assert.deepEqual(await reported(house, silent), []);
  await house.pass(2 * HOUR, MINUTE);
  assert.deepEqual(await house.mail(house.postmaster), []);
});

test("a flood of failures is one notice an hour", async (t) => {
  const house = await queueHouse(t);
  house.answer = all(NEVER);
  house.open();
  for (let passed = 0; passed < 3 * HOUR; passed += 5 * MINUTE) {
    for (let i = 0; i < 10; i++) await house.send([`u${i}@d${i}.example`], { reversePath: "" });
    await house.pass(5 * MINUTE);
  }
  const notices = await house.mail(house.postmaster);
  assert.equal(notices.length, 3);
  assert.match(notices[1] ?? "", /120 recipients could not be reached[^]*and 100 more\./);
});

/** Where ann's alias leads. */
const HOME: NotificationAbroad = {
  forwardPath: "ann@home.example",
  destination: "home.example",
  grant: { ...grantFor(domainOf("home.example")), basis: "own-notification" },
};

test("a report goes abroad where the sender's mail does, with a right of its own", async (t) => {
  const house = await queueHouse(t);
  house.policy = {
    ...house.policy,
    route: () => ({
      mailboxes: [],
      abroad: [HOME],
    }),
  };
  house.signing = SIGNING;
  let received = "";
  house.answer = async (parcel) => {
    if (parcel.destination !== "home.example") return all(NEVER)(parcel);
    received = Buffer.from(known(await parcel.read(0, 100_000))).toString();
    return all(OK)(parcel);
  };
  await reported(house, ["bob@example.net"]);
  const report = house.parcels.find(({ destination }) => destination === "home.example");
  assert.equal(report?.reversePath, "");
  assert.match(received, /^DKIM-Signature: /, "Return-Path is the last server's");
  const verified = verifyMessage(Buffer.from(received), RECORDS);
  assert.equal(verified.length, RECORDS.size);
  assert.ok(verified.every((one) => one.bodyHash && one.signature && one.domain === "example.org"));
  assert.match(received, /Action: failed/);
  assert.deepEqual(await house.rows(), []);
});

test("where the keys cannot be read the report waits, and its row with it", async (t) => {
  const house = await queueHouse(t);
  const before = house.policy;
  house.policy = {
    ...before,
    route: (address) =>
      address.local === "ann" ? { mailboxes: [], abroad: [HOME] } : before.route(address),
  };
  let isThere = false;
  house.signing = {
    open: (domain) => {
      if (isThere) return SIGNING.open(domain);
      throw new StoreError("the directory does not answer");
    },
  };
  house.answer = (parcel) => all(parcel.destination === "home.example" ? OK : NEVER)(parcel);
  await reported(house, ["bob@example.net"]);
  assert.equal(house.parcels.length, 1);
  isThere = true;
  await house.pass(MINUTE);
  assert.deepEqual(house.parcels.map(({ destination }) => destination).slice(1), ["home.example"]);
});

test("a report that stays here is not signed", async (t) => {
  const house = await queueHouse(t);
  house.signing = SIGNING;
  house.answer = all(NEVER);
  const [report = ""] = await reported(house, ["bob@example.net"]);
  assert.match(report, /^Return-Path: <>\r\nFrom: /);
});

test("a report that may not go abroad goes to nobody, and the postmaster hears of it", async (t) => {
  const house = await queueHouse(t);
  const before = house.policy;
  house.policy = {
    ...before,
    route: (address) =>
      address.local === "ann" ? { mailboxes: [], abroad: [] } : before.route(address),
  };
  house.answer = all(NEVER);
  await reported(house, ["bob@example.net"]);
  assert.deepEqual(await house.rows(), []);
  await house.pass(2 * MINUTE, 1000);
  assert.equal((await house.mail(house.postmaster)).length, 1);
});

const asked = { forwardPath: "bob@example.net", notify: ["SUCCESS", "FAILURE"] as const };

test("success that was asked for is reported as relayed, where the next hop will not report it", async (t) => {
  const house = await queueHouse(t);
  const [report = ""] = await reported(house, [asked, "eve@example.net"]);
  assert.match(report, /Final-Recipient: rfc822; bob@example.net\r\nAction: relayed/);
  assert.doesNotMatch(report, /eve@/, "she did not ask");
});

test("a next hop that takes DSN reports success itself", async (t) => {
  const house = await queueHouse(t);
  const passedOn: Outcome = { ...OK, dsnPassedOn: true };
  house.answer = all(passedOn);
  assert.deepEqual(await reported(house, [asked]), []);
});

test("the journal has each attempt with the exact replies, on success too", async (t) => {
  const house = await queueHouse(t);
  const OPPORTUNISTIC = { level: "opportunistic", why: "nobody demands TLS" } as const;
  const carried = {
    host: "mx.example.net",
    ip: "198.51.100.2",
    tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
  };
  house.answer = () => ({
    outcomes: [OK, NEVER],
    unreachable: false,
    carried: { ...carried, security: OPPORTUNISTIC },
  });
  await reported(house, ["bob@example.net", "eve@example.net"]);
  for (const address of [ANN, "bob@example.net", "eve@example.net"]) {
    const [found] = await house.store.journal.find({ kind: "address", address, limit: 5 });
    assert.match(found?.json ?? "", /250 2.0.0 Ok: queued as 4X.*550 5.1.1 who\?/);
  }
  const byIp = await house.store.journal.find({ kind: "ip", ip: "198.51.100.2", limit: 5 });
  assert.deepEqual((JSON.parse(byIp[0]?.json ?? "") as { carried: unknown }).carried, {
    ...carried,
    security: OPPORTUNISTIC,
  });
});

test("a reply without an end is cut, and says so", async (t) => {
  const house = await queueHouse(t);
  const lines = Array.from({ length: 100 }, () => `450-${"x".repeat(500)}`);
  const long = { host: "mx.example.net", lines };
  house.answer = all({ status: status(450, "4.2.0", "later", "remote"), reply: long });
  await reported(house, ["bob@example.net"]);
  const [row] = await house.rows();
  const kept = known(row?.last?.outcome.reply).lines.join("");
  assert.ok(kept.length < 2100 && kept.endsWith("[cut]"));
});
