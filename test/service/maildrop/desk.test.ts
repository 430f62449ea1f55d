/** POP3 sessions over maildrops in memory: the lease, deletion, the store's troubles, the journal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseDomain,
  parseIp,
  sessionId,
  type Domain,
  type Ip,
  type MailboxId,
  type SessionFacts,
} from "../../../src/mail/index.ts";
import { Conversation, MemoryWire } from "../../../src/protocol/dialogue/index.ts";
import {
  Pop3ServerSession,
  type Pop3Answer,
  type Pop3Ask,
} from "../../../src/protocol/pop3/index.ts";
import { ManualClock, silentLog } from "../../../src/runtime/index.ts";
import type { LoginResult, ScramLogin } from "../../../src/service/accounts/index.ts";
import {
  MaildropDesk,
  MaildropLeases,
  type MaildropDeps,
} from "../../../src/service/maildrop/index.ts";
import type { MailboxEntry, SessionRecord } from "../../../src/store/index.ts";
import { SETTINGS, lines } from "../../protocol/pop3/mailbox-desk.ts";
import { EXAMPLE, ScramClient, verifierOf } from "../../protocol/sasl/scram-client.ts";
import { ManualTimer } from "../../support/manual-timer.ts";
import { MemoryMaildrops } from "./memory-maildrops.ts";

const ANN = 1 as MailboxId; // this store's own key
const ENTRY: MailboxEntry = {
  id: ANN,
  local: "ann",
  domain: known(parseDomain("local.example")),
  disabled: false,
  usedOctets: 0,
  messages: 2,
  createdAt: 0,
};
const LOGIN = lines("USER ann@local.example", "PASS secret");

class House {
  readonly timer = new ManualTimer();
  readonly clock = new ManualClock();
  readonly maildrops = new MemoryMaildrops();
  readonly records: SessionRecord[] = [];
  readonly deps: MaildropDeps;
  /** What every login is answered with, unless its password is wrong. */
  login: LoginResult = { kind: "ok", mailbox: ENTRY };
  /** What a SCRAM login is answered with at its beginning, if it is a refusal. */
  scramRefusal: LoginResult | undefined;
  #sessions = 0;

  constructor() {
    this.maildrops.put(ANN, "uid-1", "Subject: one\r\n\r\nhello\r\n");
    this.maildrops.put(ANN, "uid-2", "Subject: two\r\n\r\nhello\r\n");
    this.deps = {
      accounts: {
        authenticate: async (_, password) =>
          password === "secret" ? this.login : { kind: "wrong" },
        openScram: () => this.scramRefusal ?? this.#scram(),
      },
      maildrops: this.maildrops,
      leases: new MaildropLeases(this.timer, 5000),
      clock: this.clock,
      log: silentLog,
      onEnd: (record) => this.records.push(record),
    };
  }

  #scram(): ScramLogin {
    return {
      kind: "scram",
      verifier: verifierOf("secret"),
      nonce: EXAMPLE.serverNonce,
      finish: async (right) => (right ? this.login : { kind: "wrong" }),
    };
  }

  client(): Client {
    return new Client(this.deps, ++this.#sessions);
  }

  /** The facts of the session that ended last. */
  get facts(): SessionFacts {
    return JSON.parse(this.records.at(-1)?.json ?? "{}") as SessionFacts; // what the desk has just written
  }
}

class Client {
  readonly #wire = new MemoryWire();
  readonly #conversation: Conversation<never, never, never>;

  constructor(deps: MaildropDeps, number: number) {
    const session = sessionId(new Uint8Array(12).fill(number));
    const peer = { ip: known(parseIp("192.0.2.7")), port: 40_000, listener: "pop3", session };
    const desk: MaildropDesk = new MaildropDesk(deps, peer, () => conversation);
    const conversation = new Conversation(new Pop3ServerSession(SETTINGS), desk, this.#wire);
    this.#conversation = conversation as Conversation<never, never, never>; // its owner does not care what it speaks
    conversation.start();
  }

  get closed(): boolean {
    return this.#wire.ended;
  }

  async says(...texts: readonly string[]): Promise<string> {
    return this.sends(lines(...texts));
  }

  /** What the server says to it, all promises kept. */
  async sends(octets: Uint8Array): Promise<string> {
    this.#wire.take();
    this.#conversation.receive(octets);
    return this.hears();
  }

  async hears(): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.#wire.take();
  }

  hangsUp(): void {
    this.#conversation.closed();
  }
}

function known<T extends Domain | Ip>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

test("a session from login to QUIT, and its record", async () => {
  const house = new House();
  const client = house.client();
  assert.match(await client.sends(LOGIN), /^\+OK .*\r\n\+OK 2 messages\r\n$/);
  assert.match(
    await client.says("RETR 1", "TOP 2 0"),
    /^\+OK 23 octets\r\nSubject: one\r\n\r\nhello\r\n\.\r\n\+OK/,
  );
  house.clock.advance(1500);
  assert.equal(
    await client.says("DELE 1", "QUIT"),
    "+OK message 1 will be deleted at QUIT\r\n+OK 1 message deleted, bye\r\n",
  );
  assert.deepEqual(house.maildrops.uids(ANN), ["uid-2"]);
  client.hangsUp();
  assert.equal(house.records.length, 1);
  const { at } = house.facts;
  assert.deepEqual(house.facts, {
    v: 1,
    protocol: "pop3",
    session: "111111111111",
    at,
    endedAt: at + 1500,
    listener: "pop3",
    ip: "192.0.2.7",
    port: 40_000,
    events: [
      { at: 0, kind: "login", login: "ann@local.example", result: "ok", mechanism: "USER" },
      { at: 1500, kind: "maildrop", retrieved: 1, deleted: 1 },
    ],
    ending: "quit",
  });
  const [record] = house.records;
  assert.deepEqual(record?.addresses, ["ann@local.example"]);
  assert.equal(record?.fold, undefined);
});

test("a store that answers later makes no difference", async () => {
  const house = new House();
  house.maildrops.slow = true;
  const client = house.client();
  await client.sends(LOGIN);
  assert.match(
    await client.says("RETR 2"),
    /^\+OK 23 octets\r\nSubject: two\r\n\r\nhello\r\n\.\r\n$/,
  );
});

test("a second login is told IN-USE while the first one lives", async () => {
  const house = new House();
  const [first, second] = [house.client(), house.client()];
  await first.sends(LOGIN);
  assert.equal(await second.sends(LOGIN), "");
  house.timer.advance(2500);
  assert.equal(await first.says("NOOP"), "+OK\r\n");
  house.timer.advance(2500);
  assert.match(await second.hears(), /\r\n-ERR \[IN-USE\].*\r\n$/);
  assert.match(await first.says("STAT"), /^\+OK 2 /);
  second.hangsUp();
  assert.deepEqual(house.facts.events, [
    { at: 0, kind: "login", login: "ann@local.example", result: "in use", mechanism: "USER" },
  ]);
});

test("IN-USE is no failed login, however often", async () => {
  const house = new House();
  const [first, second, third] = [house.client(), house.client(), house.client()];
  await first.sends(LOGIN);
  await second.sends(LOGIN); // waits, so that the third is answered at once
  for (let i = 0; i <= SETTINGS.limits.errors; i++)
    assert.match(await third.sends(LOGIN), /-ERR \[IN-USE\]/);
  assert.equal(third.closed, false);
});

test("a silent session is taken over, and what it marked is not deleted", async () => {
  const house = new House();
  const [first, second] = [house.client(), house.client()];
  await first.sends(LOGIN);
  await first.says("DELE 1", "DELE 2");
  await second.sends(LOGIN);
  house.timer.advance(5000);
  assert.match(await second.hears(), /\r\n\+OK 2 messages\r\n$/);
  assert.equal(await first.says("QUIT"), "");
  assert.equal(first.closed, true);
  assert.equal(house.facts.ending, "taken over");
  first.hangsUp();
  assert.match(await second.says("DELE 2", "QUIT"), /1 message deleted/);
  assert.deepEqual(house.maildrops.uids(ANN), ["uid-1"]);
});

test("QUIT frees the mailbox before its reply", async () => {
  const house = new House();
  const [first, second] = [house.client(), house.client()];
  await first.sends(LOGIN);
  await second.sends(LOGIN);
  await first.says("QUIT");
  assert.match(await second.hears(), /\r\n\+OK 2 messages\r\n$/);
});

test("a connection that dies deletes nothing and frees the mailbox", async () => {
  const house = new House();
  const [first, second] = [house.client(), house.client()];
  await first.sends(LOGIN);
  await first.says("DELE 1");
  first.hangsUp();
  assert.match(await second.sends(LOGIN), /\+OK 2 messages\r\n$/);
  assert.equal(house.facts.ending, "closed by client");
});

test("a client that gives up waiting does not get the mailbox afterwards", async () => {
  const house = new House();
  const [first, second, third] = [house.client(), house.client(), house.client()];
  await first.sends(LOGIN);
  await second.sends(LOGIN);
  second.hangsUp();
  assert.equal(house.records.length, 1);
  assert.equal(house.timer.pending, 0);
  await first.says("QUIT");
  assert.equal(house.records.length, 2);
  assert.match(await third.sends(LOGIN), /\+OK 2 messages\r\n$/);
});

test("a client that leaves during its last deletion keeps the mailbox until it is done", async () => {
  const house = new House();
  house.maildrops.slow = true;
  const [first, second] = [house.client(), house.client()];
  await first.sends(LOGIN);
  assert.equal(await first.says("DELE 1", "QUIT"), "");
  first.hangsUp();
  assert.equal(house.records.length, 0);
  await second.sends(LOGIN);
  house.timer.advance(5000);
  assert.match(await second.hears(), /\r\n-ERR \[IN-USE\].*\r\n$/);
  house.maildrops.letGo();
  await second.hears();
  assert.deepEqual(house.facts.events.at(-1), {
    at: 0,
    kind: "maildrop",
    retrieved: 0,
    deleted: 1,
  });
  assert.match(await second.sends(LOGIN), /\+OK 1 message\r\n$/);
});

test("a deletion that fails says so, deletes nothing and frees the mailbox", async () => {
  const house = new House();
  house.maildrops.broken.add("remove");
  const [first, second] = [house.client(), house.client()];
  await first.sends(LOGIN);
  assert.match(await first.says("DELE 1", "QUIT"), /-ERR \[SYS\/TEMP\] .*nothing was deleted/);
  assert.deepEqual(house.facts.events.at(-1), {
    at: 0,
    kind: "maildrop",
    retrieved: 0,
    deleted: 0,
  });
  assert.deepEqual(house.maildrops.uids(ANN), ["uid-1", "uid-2"]);
  assert.match(await second.sends(LOGIN), /\+OK 2 messages\r\n$/);
});

test("a maildrop that cannot be listed is not locked", async () => {
  const house = new House();
  house.maildrops.broken.add("list");
  const [first, second] = [house.client(), house.client()];
  assert.match(await first.sends(LOGIN), /-ERR \[SYS\/TEMP\]/);
  house.maildrops.broken.delete("list");
  assert.match(await second.sends(LOGIN), /\+OK 2 messages\r\n$/);
});

test("a message that cannot be read, at once or later, is refused and the session goes on", async () => {
  for (const slow of [false, true]) {
    const house = new House();
    house.maildrops.slow = slow;
    house.maildrops.broken.add("read");
    const client = house.client();
    await client.sends(LOGIN);
    assert.match(await client.says("RETR 1"), /^-ERR \[SYS\/TEMP\]/);
    assert.match(await client.says("STAT"), /^\+OK 2 /);
  }
});

test("a message that an administrator removed is refused", async () => {
  const house = new House();
  const client = house.client();
  await client.sends(LOGIN);
  await house.maildrops.remove(ANN, ["uid-1"]);
  assert.match(await client.says("RETR 1"), /^-ERR this message has been removed/);
  assert.match(await client.says("DELE 1", "QUIT"), /bye\r\n$/);
});

test("each refusal of a login has its own reply and its word in the journal", async () => {
  const replies: [LoginResult, RegExp][] = [
    [{ kind: "wrong" }, /-ERR \[AUTH\] wrong/],
    [{ kind: "disabled" }, /-ERR \[AUTH\] this mailbox is disabled/],
    [{ kind: "busy" }, /-ERR \[SYS\/TEMP\] too many logins/],
    [{ kind: "slowed" }, /-ERR \[SYS\/TEMP\] too many wrong passwords/],
    [{ kind: "unavailable", reason: "no disk" }, /-ERR \[SYS\/TEMP\] the mail store/],
    [{ kind: "damaged", reason: "no verifier" }, /-ERR \[SYS\/PERM\]/],
  ];
  for (const [login, reply] of replies) {
    const house = new House();
    house.login = login;
    const client = house.client();
    assert.match(await client.sends(LOGIN), reply);
    client.hangsUp();
    assert.deepEqual(house.facts.events, [
      { at: 0, kind: "login", login: "ann@local.example", result: login.kind, mechanism: "USER" },
    ]);
  }
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** Says a SCRAM login up to the proof, or to the first refusal; returns the last reply. */
async function scramProof(client: Client, login: ScramClient): Promise<string> {
  const reply = await client.says(`AUTH SCRAM-SHA-256 ${base64(login.first)}`);
  if (!reply.startsWith("+ ")) return reply;
  return client.says(base64(login.final(Buffer.from(reply.slice(2), "base64").toString())));
}

/** All of it. */
async function scram(client: Client, password: string): Promise<string> {
  const login = new ScramClient("ann@local.example", password);
  const reply = await scramProof(client, login);
  return reply === `+ ${base64(login.serverFinal)}\r\n` ? client.says("") : reply;
}

const LOGIN_EVENT = { at: 0, kind: "login", login: "ann@local.example" } as const;

test("SCRAM opens the maildrop, and is refused as a password is", async () => {
  const house = new House();
  const client = house.client();
  assert.match(await scram(client, "guess"), /^-ERR \[AUTH\] wrong/);
  assert.equal(await scram(client, "secret"), "+OK 2 messages\r\n");
  client.hangsUp();
  assert.deepEqual(house.facts.events.slice(0, 2), [
    { ...LOGIN_EVENT, result: "wrong", mechanism: "SCRAM-SHA-256" },
    { ...LOGIN_EVENT, result: "ok", mechanism: "SCRAM-SHA-256" },
  ]);
});

test("a SCRAM login that cannot be begun is refused at once", async () => {
  const house = new House();
  house.scramRefusal = { kind: "unavailable", reason: "the directory is away" };
  const client = house.client();
  assert.match(await scram(client, "secret"), /^-ERR \[SYS\/TEMP\] the mail store/);
  client.hangsUp();
  assert.deepEqual(house.facts.events, [
    { ...LOGIN_EVENT, result: "unavailable", mechanism: "SCRAM-SHA-256" },
  ]);
});

test("a login that cannot be checked, because the machine fails, is no wrong password, and the session goes on", async () => {
  const house = new House();
  const broken = new Error("there is no memory to hash in");
  house.deps.accounts.authenticate = () => Promise.reject(broken);
  house.deps.accounts.openScram = () => {
    throw broken;
  };
  const client = house.client();
  assert.match(await client.sends(LOGIN), /\r\n-ERR \[SYS\/TEMP\] .*\r\n$/);
  const first = new ScramClient("ann", "secret").first;
  assert.match(await client.says(`AUTH SCRAM-SHA-256 ${btoa(first)}`), /^-ERR \[SYS\/TEMP\] /);
  assert.match(await client.says("CAPA"), /^\+OK /);
});

test("a client that did not like the server's signature opens nothing, nor does who comes after it", async () => {
  const house = new House();
  const client = house.client();
  const login = new ScramClient("ann@local.example", "secret");
  assert.equal(await scramProof(client, login), `+ ${base64(login.serverFinal)}\r\n`);
  assert.match(await client.says("*"), /^-ERR login cancelled/);
  assert.match(await client.says("USER bob@local.example", "PASS guess"), /-ERR \[AUTH\] wrong/);
  assert.match(await client.says("STAT"), /^-ERR log in first/);
});

test("a desk that was last told no opens nothing, whatever an engine asks of it", async () => {
  const house = new House();
  const session = sessionId(new Uint8Array(12));
  const peer = { ip: known(parseIp("192.0.2.7")), port: 40_000, listener: "pop3", session };
  const desk = new MaildropDesk(house.deps, peer, () => assert.fail("nobody is waited for"));
  const ask = (question: Pop3Ask): Promise<Pop3Answer> =>
    new Promise((resolve) => desk.ask(question, resolve));
  const credentials = {
    kind: "credentials",
    mechanism: "PLAIN",
    login: "ann@local.example",
  } as const;
  assert.equal((await ask({ ...credentials, password: "secret" })).kind, "authenticated");
  assert.equal((await ask({ ...credentials, password: "guess" })).kind, "denied");
  assert.equal((await ask({ kind: "open" })).kind, "unavailable");
});

test("the record says which app password it was, and how long the login was held back", async () => {
  const house = new House();
  house.login = { kind: "ok", mailbox: ENTRY, appPassword: "phone", slowedMs: 2000 };
  const client = house.client();
  await client.sends(LOGIN);
  client.hangsUp();
  assert.deepEqual(house.facts.events[0], {
    ...LOGIN_EVENT,
    result: "ok",
    mechanism: "USER",
    appPassword: "phone",
    slowedMs: 2000,
  });
});

test("no password gets into the record, wherever it was typed", async () => {
  const house = new House();
  const client = house.client();
  await client.says(
    "USER hunter2",
    "PASS hunter2",
    "hunter2",
    "PASS hunter2",
    "AUTH PLAIN aHVudGVyMg==",
    "AUTH hunter2",
  );
  client.hangsUp();
  const [record] = house.records;
  assert.doesNotMatch(JSON.stringify(record), /hunter2|aHVudGVyMg/);
  assert.deepEqual(record?.addresses, []);
  assert.equal(house.facts.events[0]?.kind === "login" && house.facts.events[0].result, "wrong");
});

test("sessions that come to nothing fold together, others stand alone", async () => {
  const house = new House();
  const fold = async (...texts: readonly string[]): Promise<string | undefined> => {
    const client = house.client();
    await client.says(...texts);
    client.hangsUp();
    return house.records.at(-1)?.fold;
  };
  const looked = ["USER ann@local.example", "PASS secret", "STAT"];
  assert.notEqual(await fold(...looked, "QUIT"), undefined);
  assert.equal(await fold(...looked, "QUIT"), await fold(...looked, "UIDL", "QUIT"));
  assert.notEqual(await fold(...looked, "QUIT"), await fold(...looked));
  assert.notEqual(await fold(...looked), await fold("USER ann@local.example", "PASS guess"));
  assert.equal(await fold(...looked, "RETR 1"), undefined);
  const guess = ["USER ann@local.example", "PASS guess"];
  assert.equal(await fold(...guess), await fold(...guess, ...guess));
});

test("a flood of logins leaves a bounded record that still tells what became of the maildrop", async () => {
  const house = new House();
  house.login = { kind: "busy" };
  const client = house.client();
  for (let i = 0; i < 300; i++) await client.sends(LOGIN);
  house.login = { kind: "ok", mailbox: ENTRY };
  await client.sends(LOGIN);
  await client.says("RETR 1", "QUIT");
  assert.equal(house.facts.events.length, 100);
  assert.equal(house.facts.eventsLeftOut, 202);
  assert.deepEqual(house.facts.events.at(-1), {
    at: 0,
    kind: "maildrop",
    retrieved: 1,
    deleted: 0,
  });
});
