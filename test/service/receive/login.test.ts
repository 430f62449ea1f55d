/** A login at the desk: who is let in, what is written down of it, and when it sends no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SmtpAsk } from "../../../src/protocol/smtp/index.ts";
import type { LoginResult } from "../../../src/service/accounts/index.ts";
import type { LoginAccounts } from "../../../src/service/receive/index.ts";
import { StoreError, type MailboxEntry } from "../../../src/store/index.ts";
import { accountsOf } from "../../support/accounts.ts";
import { Bench, credentials, factsOf } from "./desk-bench.ts";

const USER = "user@local.example";
const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

/** A desk whose accounts say this. */
function benchWith(accounts: Partial<LoginAccounts>): Bench {
  const bench = new Bench();
  bench.accounts = { ...bench.accounts, ...accounts };
  return bench;
}

function mailboxOn(bench: Bench): MailboxEntry {
  const mailbox = bench.mailboxOf(USER);
  assert.ok(mailbox !== undefined);
  return mailbox;
}

test("a right password is let in, and the message says so without the name", async () => {
  const bench = new Bench();
  const desk = bench.desk({ tls: TLS, listener: "submission" });
  await desk.helo("EHLO", "client.example");
  assert.equal(await desk.ask(credentials("secret")), "authenticated");
  await desk.sender("");
  assert.equal(await desk.recipient("other@local.example"), "proceed");
  assert.equal(await desk.content(), "proceed");
  desk.body(`From: <${USER}>\r\n\r\n`);
  assert.match(await desk.end(14), /^250 /);
  const head = Buffer.from(bench.draft.commits[0]?.head ?? "").toString();
  assert.match(head, /\r\n\tby mx\.local\.example with ESMTPSA \(TLSv1\.3 /);
  assert.ok(!head.includes("user"), head);
  const record = bench.draft.commits[0]?.record;
  assert.ok(record !== undefined);
  assert.deepEqual(factsOf(record).events[0], {
    at: 0,
    kind: "login",
    login: USER,
    result: "ok",
    mechanism: "PLAIN",
  });
  desk.ended();
  assert.equal(bench.sessions[0]?.["login"], USER);
});

test("every no has its words, and what is our own trouble is for the moment", async () => {
  const results: readonly (readonly [LoginResult, string])[] = [
    [{ kind: "wrong" }, "535 5.7.8 wrong name or password"],
    [{ kind: "disabled" }, "525 5.7.13 this mailbox is disabled"],
    [{ kind: "busy" }, "454 4.7.0 too many logins at once, try again soon"],
    [
      { kind: "slowed" },
      "454 4.7.0 too many wrong passwords came from your address, try again later",
    ],
    [
      { kind: "unavailable", reason: "locked" },
      "454 4.7.0 the mail store does not answer, try again later",
    ],
    [
      { kind: "damaged", reason: "unreadable" },
      "454 4.7.0 this account is damaged, only its administrator can mend it",
    ],
  ];
  for (const [result, said] of results) {
    const bench = benchWith({ authenticate: () => Promise.resolve({ ...result, slowedMs: 7 }) });
    const desk = bench.desk();
    assert.equal(await desk.ask(credentials("x")), said);
    assert.equal(bench.errors.length, result.kind === "damaged" ? 1 : 0);
    desk.ended();
    const [event] = bench.noted[0]?.events ?? [];
    assert.ok(event?.kind === "login");
    assert.deepEqual([event.result, event.slowedMs], [result.kind, 7]);
  }
});

test("a name that is no address is not written down: it may be a password in the wrong field", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  assert.match(await desk.ask(credentials("user", "hunter2")), /^535 /);
  desk.ended();
  assert.ok(!JSON.stringify(bench.notes).includes("hunter2"));
  assert.equal(bench.sessions[0]?.["login"], undefined);
});

test("SCRAM: the verifier that accounts hand out, and the proof that they judge", async () => {
  const asked: unknown[] = [];
  const bench = new Bench();
  const mailbox = mailboxOn(bench);
  const verifier = {
    salt: new Uint8Array(1),
    iterations: 1,
    storedKey: new Uint8Array(32),
    serverKey: new Uint8Array(32),
  };
  bench.accounts = {
    ...bench.accounts,
    openScram: (login, visitor) => {
      asked.push(login, visitor.protocol);
      return {
        kind: "scram",
        verifier,
        nonce: "n",
        finish: (right) => Promise.resolve(right ? { kind: "ok", mailbox } : { kind: "wrong" }),
      };
    },
  };
  const desk = bench.desk();
  const question: SmtpAsk = { kind: "verifier", mechanism: "SCRAM-SHA-256-PLUS", login: USER };
  assert.equal(await desk.ask(question), "verifier");
  assert.match(await desk.ask({ kind: "proof", right: false }), /^535 /);
  assert.equal(await desk.ask(question), "verifier");
  assert.equal(await desk.ask({ kind: "proof", right: true }), "authenticated");
  assert.deepEqual(asked, [USER, "smtp", USER, "smtp"]);
  desk.ended();
  const mechanisms = bench.noted[0]?.events.map((event) => "mechanism" in event && event.mechanism);
  assert.deepEqual(mechanisms, ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS"]);
});

test("a mailbox that is disabled or removed during the session sends no more", async () => {
  for (const [change, said] of [
    [{ disabled: true }, "525 5.7.13 this mailbox is disabled"],
    [undefined, "535 5.7.8 this login is not valid any more, log in again"],
  ] as const) {
    const bench = new Bench();
    const user = mailboxOn(bench);
    let now: MailboxEntry | undefined = user;
    bench.accounts = accountsOf(() => now, "secret");
    const desk = bench.desk();
    assert.equal(await desk.ask(credentials("secret")), "authenticated");
    assert.equal(await desk.sender(USER), "proceed");
    now = change === undefined ? undefined : { ...user, ...change };
    assert.equal(await desk.sender(USER), said);
    desk.ended();
    const refusal = bench.noted[0]?.events.at(-1);
    assert.ok(refusal?.kind === "refused" && refusal.command === "MAIL");
  }
});

test("a mailbox that is removed in the middle of a transaction sends nothing from the next command on", async () => {
  const said = "535 5.7.8 this login is not valid any more, log in again";
  for (const next of ["RCPT", "DATA", "the end of the message"] as const) {
    const bench = new Bench();
    let now: MailboxEntry | undefined = mailboxOn(bench);
    bench.accounts = accountsOf(() => now, "secret");
    const desk = bench.desk();
    assert.equal(await desk.ask(credentials("secret")), "authenticated");
    assert.equal(await desk.sender(USER), "proceed");
    if (next !== "RCPT") assert.equal(await desk.recipient(USER), "proceed");
    if (next === "the end of the message") assert.equal(await desk.content(), "proceed");
    now = undefined;
    if (next === "RCPT") assert.equal(await desk.recipient(USER), said);
    else if (next === "DATA") assert.equal(await desk.content(), said);
    else {
      desk.body(`From: ${USER}\r\n\r\n`);
      assert.equal(await desk.end(28), said);
    }
    desk.ended();
    const last = bench.noted[0]?.events.at(-1);
    const status = last !== undefined && "decision" in last ? last.decision?.status : undefined;
    const kinds = { RCPT: "recipient", DATA: "refused", "the end of the message": "message" };
    assert.equal(last?.kind, kinds[next]);
    if (next !== "DATA") assert.equal(status?.code, 535);
    assert.ok(bench.drafts.every(({ commits }) => commits.length === 0));
  }
});

test("whether a login still stands is undecided while the directory does not answer", async () => {
  const bench = benchWith({
    stands: () => {
      throw new StoreError("the store is locked");
    },
  });
  const desk = bench.desk();
  assert.equal(await desk.ask(credentials("secret")), "authenticated");
  assert.match(await desk.sender(USER), /^451 4\.3\.0 /);
});

test("nobody is logged in after STARTTLS, or while another login is tried", async () => {
  for (const after of ["TLS", "a wrong password"] as const) {
    const bench = new Bench();
    const desk = bench.desk();
    assert.equal(await desk.ask(credentials("secret")), "authenticated");
    if (after === "TLS") desk.desk.tell({ kind: "secured", tls: TLS });
    else assert.match(await desk.ask(credentials("guess")), /^535 /);
    await desk.deliver("Subject: x\r\n\r\n", USER);
    const head = Buffer.from(bench.draft.commits[0]?.head ?? "").toString();
    assert.doesNotMatch(head, /with ESMTPS?A/, after);
  }
});

test("a login whose client does not wait for the answer is written down", async () => {
  const { promise, resolve } = Promise.withResolvers<LoginResult>();
  const bench = benchWith({ authenticate: () => promise });
  const desk = bench.desk();
  const answered = desk.ask(credentials("guess"));
  desk.ended("closed by client");
  assert.deepEqual([bench.notes.length, bench.sessions.length], [0, 0]);
  resolve({ kind: "wrong" });
  await answered;
  assert.equal(bench.notes.length, 1);
  const [event] = bench.noted[0]?.events ?? [];
  assert.ok(event?.kind === "login" && event.result === "wrong");
});

test("a session without a login never asks accounts", async () => {
  const bench = new Bench();
  bench.accounts = accountsOf(() => assert.fail("asked"), "secret");
  assert.match(await bench.desk().deliver("Subject: x\r\n\r\n", USER), /^250 /);
});
