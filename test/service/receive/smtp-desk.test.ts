/** What a desk answers, stores and writes down, and that it lets everything go in the end, whatever happens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, wholeEvents, type MailboxId } from "../../../src/mail/index.ts";
import { stages } from "../../../src/policy/checks/index.ts";
import type { CommitResult } from "../../../src/store/index.ts";
import { Bench, factsOf, recipientAsk, SESSION } from "./desk-bench.ts";

const MESSAGE = "Subject: one\r\n\r\nbody\r\n";
const UNDECIDED = "451 4.3.0 cannot decide at the moment, try again later";

/** Everything that a session may hold of others is given back. */
function assertReleased(bench: Bench): void {
  assert.equal(bench.bodies.total, 0, "bodies");
  assert.deepEqual(
    bench.drafts.map(({ abandoned }) => abandoned),
    bench.drafts.map(() => 1),
    "each draft is let go exactly once",
  );
}

function later<T>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}

/** Lets everything that is ready happen. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

// ---- Accepted ----

test("a message is committed whole: trace fields, content, each mailbox once, its record", async () => {
  const bench = new Bench();
  bench.directory.withAlias("both@local.example", "user@local.example", "other@local.example");
  const desk = bench.desk();
  await desk.helo("EHLO", "client.example");
  const said = await desk.deliver(MESSAGE, "both@local.example", "user@local.example");
  assert.equal(said, `250 2.0.0 accepted as ${SESSION}-1`);
  assert.equal(bench.draft.content, MESSAGE);
  const [acceptance, ...more] = bench.draft.commits;
  assert.ok(acceptance !== undefined && more.length === 0);
  assert.equal(acceptance.id, `${SESSION}-1`);
  assert.equal(acceptance.mailboxes.length, 2);
  assert.match(
    Buffer.from(acceptance.head).toString(),
    /^Return-Path: <sender@foreign\.example>\r\nReceived: from client\.example /,
  );
  assertReleased(bench);
});

test("250 is not said before the store has it", async () => {
  const bench = new Bench();
  const stored = later<CommitResult>();
  bench.commit = () => stored.promise;
  const desk = bench.desk();
  await desk.begin("user@local.example");
  desk.body(MESSAGE);
  let said: string | undefined;
  const answered = desk.end(MESSAGE.length).then((line) => (said = line));
  await turn();
  assert.equal(bench.draft.commits.length, 1);
  assert.equal(said, undefined);
  stored.resolve({ kind: "committed" });
  await answered;
  assert.match(String(said), /^250 /);
});

test("messages of one session have numbers, refused ones too", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  const loop = `${"Received:\r\n".repeat(91)}\r\n`; // the bench takes 90
  assert.match(await desk.deliver(MESSAGE, "user@local.example"), /-1$/);
  assert.match(await desk.deliver(loop, "user@local.example"), /^554 /);
  assert.match(await desk.deliver(MESSAGE, "user@local.example"), /-3$/);
  assertReleased(bench);
});

test("recipients and content of one transaction do not reach the next", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.deliver(MESSAGE, "user@local.example", "other@local.example");
  await desk.deliver("Subject: two\r\n\r\n", "other@local.example");
  const [other] = bench.draft.commits[0]?.mailboxes ?? [];
  assert.deepEqual(bench.draft.commits[0]?.mailboxes, [other]);
  assert.equal(bench.draft.content, "Subject: two\r\n\r\n");
});

test("a message without a header section, or without anything, is taken as it is", async () => {
  for (const content of ["no blank line\r\n", "\r\nbody\r\n", ""]) {
    const bench = new Bench();
    assert.match(await bench.desk().deliver(content, "user@local.example"), /^250 /);
    assert.equal(bench.draft.content, content);
  }
});

// ---- Recipients ----

const RECIPIENTS: readonly (readonly [string, string])[] = [
  ["user@local.example", "proceed"],
  ["postmaster", "proceed"],
  ["nobody@local.example", "550 5.1.1 no such mailbox here"],
  ["locked@local.example", "550 5.2.1 mailbox disabled"],
  ["full@local.example", "452 4.2.2 mailbox full, try again later"],
  ["u@foreign.example", "550 5.7.1 relaying denied: not a domain of this server"],
  ["u@[127.0.0.1]", "550 5.7.1 relaying denied: mail to an address literal is not taken"],
  ["u%foreign.example@local.example", "550 5.7.1 relaying denied: the local part names a route"],
  ["@local.example:u@foreign.example", "550 5.7.1 relaying denied: source routes are not followed"],
];

test("a recipient is answered at once, in the policy's words, from every address alike", async () => {
  for (const address of ["192.0.43.8", "10.0.0.1", "127.0.0.1", "::1"]) {
    const bench = new Bench();
    bench.directory.mailboxAt("locked@local.example", { disabled: true });
    bench.directory.mailboxAt("full@local.example", { quotaOctets: 10, usedOctets: 10 });
    const ip = parseIp(address);
    assert.ok(ip !== undefined);
    const desk = bench.desk({ ip });
    await desk.sender("");
    for (const [path, said] of RECIPIENTS)
      assert.equal(desk.askNow(recipientAsk(path)), said, path);
  }
});

test("the declared size is held against the quota", async () => {
  const bench = new Bench();
  bench.directory.mailboxAt("small@local.example", { quotaOctets: 100, usedOctets: 50 });
  const desk = bench.desk();
  await desk.sender("", { size: 51 });
  assert.match(await desk.recipient("small@local.example"), /^452 4\.2\.2/);
  await desk.sender("", { size: 101 });
  assert.match(await desk.recipient("small@local.example"), /^552 5\.2\.2/);
  await desk.sender("", { size: 50 });
  assert.equal(await desk.recipient("small@local.example"), "proceed");
});

test("a refused recipient gets nothing of the message (relay catalogue R107)", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.sender("sender@foreign.example");
  assert.equal(await desk.recipient("user@local.example"), "proceed");
  assert.match(await desk.recipient("u@foreign.example"), /^550/);
  assert.match(await desk.recipient("nobody@local.example"), /^550/);
  await desk.content();
  desk.body(MESSAGE);
  await desk.end(MESSAGE.length);
  assert.equal(bench.draft.commits[0]?.mailboxes.length, 1);
});

test("a directory that does not answer is 451, never 250, and the journal says why (relay catalogue R111)", async () => {
  const bench = new Bench();
  bench.directory.broken = true;
  const desk = bench.desk();
  await desk.sender("");
  assert.equal(desk.askNow(recipientAsk("user@local.example")), UNDECIDED);
  assert.equal(bench.errors[0]?.["problem"], "the directory does not answer");
  desk.ended();
  const event = bench.noted[0]?.events.find(({ kind }) => kind === "recipient");
  assert.ok(event?.kind === "recipient");
  assert.deepEqual([event.address, event.decision.action], ["user@local.example", "defer"]);
  assert.deepEqual(event.decision.evidence, { problem: "the directory does not answer" });
});

test("while the directory is not proved, recipients wait; they are judged when it is", async () => {
  const bench = new Bench();
  const proof = later<void>();
  bench.directoryProved = () => proof.promise;
  const desk = bench.desk();
  await desk.sender("");
  const [known, foreign] = [
    desk.recipient("user@local.example"),
    desk.recipient("u@foreign.example"),
  ];
  await turn();
  assert.equal(desk.askNow(recipientAsk("user@local.example")), undefined);
  proof.resolve();
  assert.deepEqual(await Promise.all([known, foreign]), [
    "proceed",
    "550 5.7.1 relaying denied: not a domain of this server",
  ]);
});

test("while the proof fails, recipients are 451", async () => {
  const bench = new Bench();
  bench.directoryProved = () => Promise.reject(new Error("the proof fails"));
  assert.equal(await bench.desk().recipient("user@local.example"), UNDECIDED);
  assert.equal(bench.errors[0]?.["problem"], "the proof fails");
});

test("a recipient without a mailbox here is not accepted even if every check says yes", async () => {
  const bench = new Bench();
  bench.stages = stages({ decision: () => ({ kind: "deposit" }) });
  const desk = bench.desk();
  assert.equal(await desk.recipient("u@foreign.example"), UNDECIDED);
  desk.ended();
  const event = bench.noted[0]?.events.find(({ kind }) => kind === "recipient");
  assert.ok(event?.kind === "recipient");
  assert.deepEqual([event.decision.check, event.decision.action], ["mailbox", "defer"]);
});

test("checks that wait are waited for, and one that fails is 451", async () => {
  const bench = new Bench();
  const { recipient: judge, ...others } = stages();
  bench.stages = { recipient: async (subject) => judge(subject), ...others };
  assert.equal(await bench.desk().recipient("user@local.example"), "proceed");
  assert.match(await bench.desk().recipient("u@foreign.example"), /^550 5\.7\.1/);
  bench.stages = { recipient: () => Promise.reject(new Error("no resolver")), ...others };
  assert.equal(await bench.desk().recipient("user@local.example"), UNDECIDED);
});

// ---- Content ----

function header(octets: number): string {
  return `X: ${"x".repeat(octets - 7)}\r\n\r\n`;
}

test("a header section of the limit is taken, one octet more is 552, and nothing is stored", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  assert.match(await desk.deliver(`${header(1024)}body`, "user@local.example"), /^250 /);
  for (const content of [header(1025), "x".repeat(5000), `${"x".repeat(5000)}\r\n\r\nbody`])
    assert.equal(
      await desk.deliver(content, "user@local.example"),
      "552 5.3.4 header section too long",
    );
  assert.equal(bench.drafts.filter(({ commits }) => commits.length > 0).length, 1);
  assertReleased(bench);
});

test("an endless header section is not kept: nothing of it reaches the draft", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.begin("user@local.example");
  for (let i = 0; i < 1000; i++) assert.equal(desk.body("x".repeat(1000)), true);
  assert.equal(bench.draft.content, "");
  assert.match(await desk.end(1_000_000), /^552 /);
});

function received(count: number): string {
  return "received:\r\n".repeat(count);
}

test("hops: as many Received fields as the limit are taken, one more is a loop, and those of the body do not count", async () => {
  const bench = new Bench(); // takes 90
  const desk = bench.desk();
  assert.match(
    await desk.deliver(`${received(90)}\r\n${received(50)}`, "user@local.example"),
    /^250 /,
  );
  assert.match(await desk.deliver(`${received(91)}\r\n`, "user@local.example"), /^554 5\.4\.6/);
  assert.match(await desk.deliver(received(91), "user@local.example"), /^554 5\.4\.6/);
  assertReleased(bench);
});

test("content arrives whole at the draft, however it is cut, and a full draft stops the reading", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.begin("user@local.example");
  for (const octet of MESSAGE) assert.equal(desk.body(octet), true);
  bench.draft.full = true;
  let drained = 0;
  assert.equal(
    desk.body("more\r\n", () => drained++),
    false,
  );
  bench.draft.drains.at(-1)?.();
  assert.equal(drained, 1);
  bench.draft.full = false;
  await desk.end(MESSAGE.length + 6);
  assert.equal(bench.draft.content, `${MESSAGE}more\r\n`);
});

test("a full draft stops the reading already at the end of the header section", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.begin("user@local.example");
  bench.draft.full = true;
  assert.equal(desk.body(MESSAGE), false);
});

test("slices may be overwritten once they were taken", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.begin("user@local.example");
  const slice = Buffer.from("Subject: one\r\n");
  desk.desk.body(slice, () => {});
  slice.fill(0x78);
  desk.body("\r\nbody");
  await desk.end(20);
  assert.equal(bench.draft.content, "Subject: one\r\n\r\nbody");
});

test("no more messages at once than the limit, over all sessions", async () => {
  const bench = new Bench(); // takes two
  const desks = [bench.desk(), bench.desk(), bench.desk()] as const;
  await desks[0].begin("user@local.example");
  await desks[1].begin("user@local.example");
  await desks[2].sender("");
  await desks[2].recipient("user@local.example");
  assert.equal(await desks[2].content(), "451 4.3.2 too many messages at once, try again later");
  assert.equal(bench.drafts.length, 2);
  desks[0].ended();
  assert.equal(await desks[2].content(), "proceed");
  desks[1].ended();
  desks[2].ended();
  assertReleased(bench);
  const refused = bench.noted
    .flatMap(({ events }) => events)
    .filter(({ kind }) => kind === "refused");
  assert.equal(refused.length, 1);
});

test("a message that trickles gives way to a new one, and is refused when it ends", async () => {
  const bench = new Bench(); // takes two
  const desks = [bench.desk(), bench.desk(), bench.desk()] as const;
  await desks[0].begin("user@local.example");
  await desks[1].begin("user@local.example");
  desks[0].body("Subj");
  desks[1].body("Subject: more\r\n\r\nof it");
  bench.clock.advance(60_000);
  await desks[2].begin("user@local.example");
  assert.equal(bench.drafts[0]?.abandoned, 1);
  desks[0].body("ect: slow\r\n\r\n");
  assert.equal(
    await desks[0].end(17),
    "451 4.3.2 too many messages at once, and this one came too slowly; try again later",
  );
  assert.match(await desks[1].end(22), /^250/);
  desks[2].body(MESSAGE);
  assert.match(await desks[2].end(MESSAGE.length), /^250/);
  for (const desk of desks) desk.ended();
  assertReleased(bench);
  const [event] = bench.noted[0]?.events.slice(-1) ?? [];
  assert.equal(event?.kind === "message" && event.decision.check, "bodies");
});

// ---- The store fails ----

test("a store that cannot begin a message is 451", async () => {
  const bench = new Bench();
  bench.openMessage = () => {
    throw new Error("disk full");
  };
  const desk = bench.desk();
  await desk.sender("");
  await desk.recipient("user@local.example");
  assert.equal(desk.askNow({ kind: "content", chunked: true }), UNDECIDED);
  assert.equal(bench.bodies.total, 0);
  desk.ended();
  assert.deepEqual(
    bench.noted[0]?.events.map(({ kind }) => kind),
    ["sender", "recipient", "refused"],
  );
});

test("a store that fails at the commit is 451 each time, holds nothing back, and the next message can go", async () => {
  const bench = new Bench();
  bench.commit = () => Promise.reject(new Error("disk full"));
  const desk = bench.desk();
  for (let i = 0; i < 5; i++)
    assert.equal(await desk.deliver(MESSAGE, "user@local.example"), UNDECIDED);
  bench.commit = () => Promise.resolve({ kind: "committed" });
  assert.match(await desk.deliver(MESSAGE, "user@local.example"), /^250 /);
  assertReleased(bench);
  const failures = factsOf(bench.draft.commits[0]?.record ?? assert.fail()).events.filter(
    ({ kind }) => kind === "message",
  );
  assert.equal(failures.length, 6, "each failure is told, with the acceptance at the end");
});

test("a commit that throws instead of rejecting is 451 too", async () => {
  const bench = new Bench();
  bench.commit = () => {
    throw new Error("a draft ends once");
  };
  assert.equal(await bench.desk().deliver(MESSAGE, "user@local.example"), UNDECIDED);
  assertReleased(bench);
});

test("a message stage that fails is 451, and nothing is stored", async () => {
  const bench = new Bench();
  bench.stages = { ...stages(), message: () => Promise.reject(new Error("no resolver")) };
  assert.equal(await bench.desk().deliver(MESSAGE, "user@local.example"), UNDECIDED);
  assert.equal(bench.draft.commits.length, 0);
  assertReleased(bench);
});

const REFUSED: readonly (readonly ["mailbox gone" | "over quota", number, RegExp])[] = [
  ["mailbox gone", 100, /^451 4\.3\.0/],
  ["over quota", MESSAGE.length, /^452 4\.2\.2/],
  ["over quota", MESSAGE.length - 1, /^552 5\.2\.2/], // would not fit the empty mailbox
];

test("a commit that the store refuses is said as what it is", async () => {
  for (const [why, quotaOctets, expected] of REFUSED) {
    const bench = new Bench();
    const mailbox = bench.directory.mailboxAt("user@local.example", { quotaOctets });
    bench.commit = () => Promise.resolve({ kind: "refused", why, mailbox });
    const desk = bench.desk();
    assert.match(await desk.deliver(MESSAGE, "user@local.example"), expected);
    assertReleased(bench);
    desk.ended();
    const event = bench.noted[0]?.events.at(-1);
    assert.ok(event?.kind === "message");
    assert.deepEqual([event.decision.check, event.decision.evidence], ["store", { why, mailbox }]);
  }
});

test("over quota in a mailbox without a quota (set since RCPT) is a deferral", async () => {
  const bench = new Bench();
  const mailbox: MailboxId = bench.directory.mailboxAt("user@local.example");
  bench.commit = () => Promise.resolve({ kind: "refused", why: "over quota", mailbox });
  assert.match(await bench.desk().deliver(MESSAGE, "user@local.example"), /^452/);
});

// ---- The end, at every moment ----

test("a reset or an end in the middle of the content lets the draft go", async () => {
  for (const how of ["reset", "ended"] as const) {
    const bench = new Bench();
    const desk = bench.desk();
    await desk.begin("user@local.example");
    desk.body("Subject: one\r\n");
    if (how === "reset") desk.desk.tell({ kind: "reset" });
    else desk.ended("closed by client");
    assertReleased(bench);
    assert.equal(desk.body("late\r\n\r\n"), true, "content after it is nobody's");
    assert.equal(bench.draft.content, "");
    if (how === "reset") desk.ended();
    assertReleased(bench);
    assert.equal(bench.notes.length, 1);
  }
});

test("a reset without anything open is nothing", () => {
  const bench = new Bench();
  const desk = bench.desk();
  desk.desk.tell({ kind: "reset" });
  desk.ended();
  assertReleased(bench);
});

test("a client that leaves while its message is committed: the store finishes first, then the draft goes", async () => {
  const bench = new Bench();
  const stored = later<CommitResult>();
  bench.commit = () => stored.promise;
  const desk = bench.desk();
  await desk.begin("user@local.example");
  desk.body(MESSAGE);
  const answered = desk.end(MESSAGE.length);
  await turn();
  desk.ended("closed by client");
  assert.equal(bench.draft.abandoned, 0);
  assert.equal(bench.bodies.total, 1);
  assert.equal(bench.notes.length, 0, "the session's record waits for what becomes of the message");
  stored.resolve({ kind: "committed" });
  await answered;
  assertReleased(bench);
  assert.equal(
    bench.notes.length,
    0,
    "the record that was committed with the message tells it all",
  );
  assert.deepEqual(
    bench.sessions.map(({ accepted, ending }) => [accepted, ending]),
    [[1, "closed by client"]],
  );
});

test("the same with a commit that fails: the record says so", async () => {
  const bench = new Bench();
  const stored = later<CommitResult>();
  bench.commit = () => stored.promise;
  const desk = bench.desk();
  await desk.begin("user@local.example");
  const answered = desk.end(0);
  await turn();
  desk.ended("closed by client");
  stored.reject(new Error("disk full"));
  assert.equal(await answered, UNDECIDED);
  assertReleased(bench);
  const [facts, ...more] = bench.noted;
  assert.equal(more.length, 0);
  assert.equal(facts?.ending, "closed by client");
  const event = facts?.events.at(-1);
  assert.ok(event?.kind === "message");
  assert.deepEqual(event.decision.evidence, { problem: "disk full" });
});

test("an end while a recipient waits for the proof leaves nothing behind", async () => {
  const bench = new Bench();
  const proof = later<void>();
  bench.directoryProved = () => proof.promise;
  const desk = bench.desk();
  const answered = desk.recipient("user@local.example");
  desk.ended("closed by client");
  proof.resolve();
  await answered;
  assert.equal(bench.notes.length, 1);
});

test("a reply that breaks is not given twice", () => {
  const desk = new Bench().desk();
  let replies = 0;
  assert.throws(
    () =>
      desk.desk.ask(recipientAsk("user@local.example"), () => {
        replies++;
        throw new Error("the engine has a bug");
      }),
    /the engine has a bug/,
  );
  assert.equal(replies, 1);
});

test("the end of a message that nobody began is a bug", () => {
  const desk = new Bench().desk();
  assert.throws(() => desk.askNow({ kind: "message", octets: 0 }), /had not begun/);
});

// ---- Greeting, HELO, MAIL ----

test("the greeting waits as long as it is told to", () => {
  const bench = new Bench();
  let greet: (() => void) | undefined;
  bench.greetingDelay = (done) => {
    greet = done;
    return () => {};
  };
  let said = 0;
  const { desk } = bench.desk();
  desk.ask({ kind: "connected" }, () => said++);
  assert.equal(said, 0);
  greet?.();
  assert.equal(said, 1);
});

test("nothing waits to greet a client that has gone", () => {
  const bench = new Bench();
  let stopped = 0;
  bench.greetingDelay = () => () => stopped++;
  const { desk } = bench.desk();
  desk.ask({ kind: "connected" }, () => assert.fail("nobody is there"));
  assert.equal(stopped, 0);
  desk.tell({ kind: "ended", ending: "closed by client" });
  assert.equal(stopped, 1);
});

test("HELO and MAIL are taken at once, whatever they name", () => {
  const desk = new Bench().desk();
  const parameters = { smtputf8: false };
  assert.equal(desk.askNow({ kind: "helo", verb: "EHLO", name: "local.example" }), "proceed");
  assert.equal(desk.askNow({ kind: "sender", reversePath: null, parameters }), "proceed");
});

// ---- The journal ----

test("a session is written down: who, how, what was said and decided, how it ended", async () => {
  const bench = new Bench();
  const proxy = parseIp("10.0.0.7");
  assert.ok(proxy !== undefined);
  const desk = bench.desk({ proxy });
  await desk.helo("EHLO", "client.example");
  desk.desk.tell({
    kind: "secured",
    tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
  });
  bench.clock.advance(1500);
  await desk.sender("Sender@foreign.example");
  await desk.recipient("u@foreign.example");
  const status = { code: 502, enhanced: "5.5.1", text: "no", source: "smtp" };
  desk.desk.tell({ kind: "refused", command: "EXPN x", status });
  bench.clock.advance(500);
  desk.ended();
  const [facts] = bench.noted;
  assert.ok(facts !== undefined);
  const { events, ...frame } = facts;
  const at = Date.UTC(2026, 0, 1);
  assert.deepEqual(frame, {
    v: 1,
    protocol: "smtp",
    session: SESSION,
    at,
    endedAt: at + 2000,
    listener: "smtp",
    ip: "192.0.2.9",
    port: 4711,
    proxied: "10.0.0.7",
    tls: { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
    helo: "client.example",
    ending: "quit",
  });
  assert.deepEqual(
    events.map((event) => [event.kind, event.at, "address" in event ? event.address : ""]),
    [
      ["sender", 1500, "sender@foreign.example"],
      ["recipient", 1500, "u@foreign.example"],
      ["refused", 1500, ""],
    ],
  );
  const [, refused] = wholeEvents(events);
  assert.ok(refused?.kind === "recipient");
  assert.equal(refused.decision.check, "relay");
  assert.equal(refused.decision.action, "refuse");
  assert.deepEqual(refused.decision.checks?.[0], {
    check: "relay",
    action: "refuse",
    facts: { client: "private address", recipient: "foreign domain" },
  });
  assert.deepEqual(bench.notes[0]?.addresses, ["sender@foreign.example", "u@foreign.example"]);
});

test("an accepted message's record goes with its commit, and is not told again at the end", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.deliver(MESSAGE, "User@local.example");
  const { record } = bench.draft.commits[0] ?? assert.fail();
  const facts = factsOf(record);
  assert.equal(record.fold, undefined);
  assert.deepEqual(record.addresses, ["sender@foreign.example", "user@local.example"]);
  assert.equal(facts.ending, undefined);
  const message = facts.events.at(-1);
  assert.ok(message?.kind === "message");
  assert.deepEqual(
    [message.message, message.octets, message.decision.action],
    [`${SESSION}-1`, MESSAGE.length, "accept"],
  );
  desk.ended();
  assert.deepEqual(bench.notes, []);
});

test("what happens after an accepted message has a record of its own at the end", async () => {
  const bench = new Bench();
  const desk = bench.desk();
  await desk.deliver(MESSAGE, "user@local.example");
  await desk.recipient("u@foreign.example");
  desk.ended();
  assert.deepEqual(
    bench.noted[0]?.events.map(({ kind }) => kind),
    ["recipient"],
  );
  assert.deepEqual(bench.notes[0]?.addresses, ["u@foreign.example"]);
});

test("thousands of recipients are a bounded record, and what became of the message is still in it", async () => {
  const bench = new Bench();
  bench.commit = () => Promise.reject(new Error("disk full"));
  const desk = bench.desk();
  await desk.begin("user@local.example");
  for (let i = 0; i < 5000; i++) desk.askNow(recipientAsk(`u${i}@foreign.example`));
  desk.body(MESSAGE);
  await desk.end(MESSAGE.length);
  desk.ended();
  const [facts] = bench.noted;
  assert.equal(facts?.events.length, 100);
  assert.equal(facts?.eventsLeftOut, 2 + 5000 + 1 - 100);
  assert.equal(facts?.events.at(-1)?.kind, "message");
});
