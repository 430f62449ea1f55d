/** What logins have sent, as the store has counted it; and what follows when a limit is reached. On a real store. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { parseAddress, parseIp, type Login, type MailboxId } from "../../../src/mail/index.ts";
import { ManualClock, silentLog, systemRandom } from "../../../src/runtime/index.ts";
import { Sending, type LimitReached } from "../../../src/service/sending/index.ts";
import { sendingSchema } from "../../../src/service/sending/settings.ts";
import { SENT_STEP_MS, type Store } from "../../../src/store/index.ts";
import { sqliteEngine } from "../../contract/sqlite-engine.ts";
import { departure } from "../../contract/queue-site.ts";
import {
  addMailbox,
  change,
  deposit,
  mailboxOf,
  newSession,
  openSite,
  pull,
  record,
  uids,
} from "../../contract/site.ts";

const HOUR = 3_600_000;
const ip = parseIp("192.0.2.9") ?? assert.fail();
const postmasterAddress = parseAddress("admin@example.org");
assert.ok(typeof postmasterAddress === "object");

interface Logged {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

class Office {
  readonly store: Store;
  readonly ann: Login;
  readonly admin: MailboxId;
  readonly clock = new ManualClock(Date.UTC(2026, 10, 28, 13, 2));
  readonly logged: Logged[] = [];
  readonly sending: Sending;

  constructor(store: Store) {
    this.store = store;
    this.ann = { mailbox: mailboxOf(store, "ann").id, address: "ann@example.org" };
    this.admin = mailboxOf(store, "admin").id;
    this.sending = this.another();
  }

  static async open(t: TestContext): Promise<Office> {
    const { store } = await openSite(t, sqliteEngine);
    await addMailbox(store, "ann");
    await addMailbox(store, "admin");
    return new Office(store);
  }

  /** As after a restart, or on another node. */
  another(): Sending {
    assert.ok(typeof postmasterAddress === "object");
    const log = (event: string, fields: Logged["fields"] = {}) =>
      void this.logged.push({ event, fields });
    return new Sending({
      store: this.store,
      settings: sendingSchema.parse({ messages_per_hour: 3 }),
      hostname: "mx.example.org",
      postmaster: {
        address: postmasterAddress,
        mailbox: () => this.store.directory.mailboxById(this.admin)?.id,
      },
      clock: this.clock,
      random: systemRandom,
      log: { ...silentLog, warn: log, error: log },
    });
  }

  /** Hands a message in that leaves for so many; what the store says. */
  async send(recipients = 1, recipientsRefused = 0, from = ip): Promise<string> {
    const sending = this.sending.message(this.ann, { ip: from, recipients, recipientsRefused });
    const to = Array.from({ length: recipients }, (_, i) => `bob${i}@example.net`);
    const result = await deposit(this.store, [], "x", { departure: departure(to), sending });
    return result.kind === "refused" ? result.why : result.kind;
  }

  reached(againAt = this.clock.now() + HOUR, sending = this.sending): Promise<void> {
    const limit: LimitReached = {
      login: this.ann,
      session: newSession(),
      ip,
      words: "sending limit of 3 messages an hour reached, again at 14:05 UTC",
      againAt,
    };
    return sending.reached(limit);
  }

  async held(): Promise<number> {
    return (await this.store.queue.counts()).held;
  }

  async notices(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const uid of await uids(this.store, this.admin))
      found.push((await pull(this.store, this.admin, uid)).toString());
    return found;
  }
}

test("the account is what was sent in the last day, with the limits that are set", async (t) => {
  const office = await Office.open(t);
  await office.send(2);
  office.clock.advance(23 * HOUR);
  await office.send(5);
  const { now, factor, sent } = office.sending.account(office.ann);
  assert.equal(now, office.clock.now());
  assert.equal(factor, 1);
  assert.deepEqual(office.sending.limits(factor), {
    messagesPerHour: 3,
    recipientsPerHour: 500,
    messagesPerDay: 1000,
    recipientsPerDay: 2000,
    recipientsPerMessage: 100,
  });
  assert.deepEqual(
    sent.map(({ recipients }) => recipients),
    [2, 5],
  );
  office.clock.advance(HOUR + SENT_STEP_MS);
  assert.equal(office.sending.account(office.ann).sent.length, 1);
});

test("a mailbox with a factor may send so many times as much", async (t) => {
  const office = await Office.open(t);
  await change(office.store, { kind: "set-mailbox", id: office.ann.mailbox, sendingFactor: 4 });
  const { factor = 1 } = office.sending.account(office.ann);
  const limits = office.sending.limits(factor);
  assert.deepEqual([limits.messagesPerHour, limits.recipientsPerMessage], [12, 400]);
});

test("the store refuses what the limits of an hour do not allow, and takes it when the hour is over", async (t) => {
  const office = await Office.open(t);
  const said: string[] = [];
  for (let i = 0; i < 4; i++) said.push(await office.send());
  assert.deepEqual(said, ["committed", "committed", "committed", "sending limit"]);
  office.clock.advance(HOUR + SENT_STEP_MS);
  assert.equal(await office.send(), "committed");
});

test("habits are the networks of a week and the recipients of a day", async (t) => {
  const office = await Office.open(t);
  const habits = (network = "192.0.2.9") => office.sending.habits(office.ann, network);
  const none = { networks: 0, networkKnown: false, recipients: 0, recipientsRefused: 0 };
  assert.deepEqual(habits(), none);
  await office.send(3, 2);
  await office.send(1, 0, parseIp("2001:db8::1"));
  const seen = { networks: 2, networkKnown: true, recipients: 4, recipientsRefused: 2 };
  assert.deepEqual(habits(), seen);
  assert.deepEqual(habits("2001:db8:0:0::/64"), seen);
  assert.equal(habits("198.51.100.1").networkKnown, false);
  const at = office.clock.now();
  const claim = { owner: "x", at, until: at + 1, destinations: 9, perDestination: 9 };
  const { lease, destinations } = (await office.store.queue.claim(claim)) ?? assert.fail();
  const rows = destinations.flatMap((one) =>
    one.rows.map(({ id }) => ({ id, kind: "failed" }) as const),
  );
  assert.equal(rows.length, 4);
  await office.store.queue.settle({ lease, at: office.clock.now(), rows, record: record() });
  assert.deepEqual(habits(), { ...seen, recipientsRefused: 6 });
  office.clock.advance(3 * 24 * HOUR);
  assert.deepEqual(habits(), { ...seen, recipients: 0, recipientsRefused: 0 });
  office.clock.advance(5 * 24 * HOUR);
  assert.deepEqual(habits(), none);
});

test("at a limit the rest of the login's queue is held, the log says so, and the operator is written to", async (t) => {
  const office = await Office.open(t);
  await office.send(2);
  const others = departure(["bob@example.net"], { login: "bob@example.org" });
  await deposit(office.store, [], "x", { departure: others });
  await office.reached();
  assert.equal(await office.held(), 2);
  assert.deepEqual(
    office.logged.map(({ event, fields }) => [event, fields["login"], fields["held"]]),
    [["sending limit reached", "ann@example.org", 2]],
  );
  const [notice = "", ...more] = await office.notices();
  assert.equal(more.length, 0);
  assert.match(
    notice,
    /^Return-Path: <>\r\nFrom: "Mail server mx\.example\.org" <admin@example\.org>\r\n/,
  );
  assert.match(notice, /\r\nTo: <admin@example\.org>\r\n/);
  assert.match(notice, /\r\nSubject: Sending limit of ann@example\.org reached\r\n/);
  assert.match(notice, /\r\nAuto-Submitted: auto-generated\r\n/);
  assert.match(notice, /3 messages an hour reached, again at 14:05 UTC/);
  assert.match(notice, /for 2 recipients, is held/);
  assert.match(notice, /gatepost queue release --login ann@example\.org\r\n/);
  const query = { kind: "address", address: "ann@example.org", limit: 9 } as const;
  const [kept] = await office.store.journal.find(query);
  assert.match(kept?.json ?? "", /"check":"sending limit"/);
});

test("a queue of many pages is held whole", async (t) => {
  const office = await Office.open(t);
  const to = Array.from({ length: 1201 }, (_, i) => `bob${i}@example.net`);
  await deposit(office.store, [], "x", { departure: departure(to) });
  await office.reached();
  assert.equal(await office.held(), 1201);
});

test("what the operator has released stays released until the limit ends and is reached again", async (t) => {
  const office = await Office.open(t);
  await office.send();
  await office.reached();
  const release = () => office.store.queue.act("release", office.clock.now(), {}, { limit: 100 });
  await release();
  office.clock.advance(HOUR - 1);
  await office.reached();
  assert.equal(await office.held(), 0);
  assert.equal(office.logged.length, 1);
  office.clock.advance(1);
  await office.reached();
  assert.equal(await office.held(), 1);
});

test("one notice a day, also over a restart", async (t) => {
  const office = await Office.open(t);
  await office.reached();
  office.clock.advance(2 * HOUR);
  await office.reached();
  await office.reached(undefined, office.another());
  assert.equal((await office.notices()).length, 1);
  office.clock.advance(24 * HOUR);
  await office.reached();
  assert.equal((await office.notices()).length, 2);
  assert.ok(office.logged.every(({ event }) => event === "sending limit reached"));
});

test("a notice that cannot be stored is a line in the log, and the queue is held all the same", async (t) => {
  const office = await Office.open(t);
  await office.send();
  await change(office.store, { kind: "set-mailbox", id: office.admin, quotaOctets: 1 });
  await office.reached();
  assert.equal(await office.held(), 1);
  assert.deepEqual(
    office.logged.map(({ event }) => event),
    ["sending limit reached", "notice not stored"],
  );
  await change(office.store, { kind: "remove-mailbox", id: office.admin });
  office.clock.advance(2 * HOUR);
  await office.reached();
  assert.equal(office.logged.at(-1)?.event, "sending limit not handled");
});

test("a name that is not ASCII is written so that mail can carry it", async (t) => {
  const office = await Office.open(t);
  await addMailbox(office.store, "jürgen");
  const login = { mailbox: mailboxOf(office.store, "jürgen").id, address: "jürgen@example.org" };
  await office.sending.reached({ login, session: newSession(), ip, words: "x" });
  const [notice = ""] = await office.notices();
  assert.match(notice, /\r\nSubject: Sending limit of j\?rgen@example\.org reached\r\n/);
  assert.match(
    notice,
    /charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\njürgen@example\.org/,
  );
});
