/** What comes back of relay tests: kept before it is answered, in no mailbox; beside other recipients of the same message; past what keeps strangers out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FactEvent } from "../../../src/mail/index.ts";
import { stages, type StagesDeps } from "../../../src/policy/checks/index.ts";
import { Routing } from "../../../src/policy/routing/index.ts";
import type { CameBack, TestReturns } from "../../../src/service/receive/index.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { UNWATCHED } from "../../support/unlimited.ts";
import { Bench, SESSION } from "./desk-bench.ts";

const HEADER = "Received: from x by relay.example\r\nFrom: <a@disowned.example>\r\n\r\n";
const MESSAGE = `${HEADER}body\r\n`;
const TOKEN = "t-1@tests.example";
const REPORT = "t-1.b@tests.example";

/** A bench on which "t-1" is awaited; what came is in `kept`. */
function benchWith(more: StagesDeps = {}, came?: TestReturns["came"]) {
  const bench = new Bench();
  const kept: CameBack[] = [];
  const keep = (back: CameBack): Promise<readonly string[]> => {
    kept.push(back);
    return Promise.resolve(back.to.map(({ isSender }) => (isSender ? "report" : "relay")));
  };
  bench.ways = {
    testReturns: { came: came ?? keep },
    routing: new Routing({
      directory: bench.directory,
      postmaster: () => bench.directory.mailbox("admin", domainOf("local.example")),
      tests: {
        domain: domainOf("tests.example"),
        read: (local) =>
          local.startsWith("t-")
            ? { token: local.slice(0, 3), isSender: local.endsWith(".b") }
            : undefined,
      },
    }),
  };
  bench.stages = stages({
    spread: UNWATCHED,
    knowsToken: (token) => Promise.resolve(token === "t-1"),
    ...more,
  });
  return { bench, kept };
}

function message(events: readonly FactEvent[] = []) {
  const event = events.find(({ kind }) => kind === "message");
  return event?.kind === "message" ? event : assert.fail("no message was written down");
}

test("it is kept with all that it shows, goes into no mailbox, and the journal says what it was", async () => {
  const { bench, kept } = benchWith();
  const desk = bench.desk();
  assert.equal(
    await desk.deliver(MESSAGE, TOKEN, REPORT, TOKEN),
    `250 2.0.0 accepted as ${SESSION}-1`,
  );
  assert.equal(bench.drafts.length, 0);
  assert.deepEqual(
    kept.map(({ to, section, client, at, reversePath }) => [
      to,
      Buffer.from(section).toString(),
      client,
      at,
      reversePath !== null && reversePath.local,
    ]),
    [
      [
        [
          { token: "t-1", isSender: false },
          { token: "t-1", isSender: true },
        ],
        HEADER,
        "192.0.2.9",
        bench.clock.now(),
        "sender",
      ],
    ],
  );
  desk.ended();
  const { decision } = message(bench.noted[0]?.events);
  assert.deepEqual([decision.check, decision.action], ["relay test", "accept"]);
  assert.deepEqual(decision.evidence, { relayTest: "relay, report" });
  assert.equal(bench.notes[0]?.fold, undefined);
  assert.equal(bench.sessions[0]?.["accepted"], 1);
  assert.equal(bench.bodies.total, 0);
});

test("250 is not said before it is kept, and never where it cannot be", async () => {
  const stored = Promise.withResolvers<readonly string[]>();
  const { bench } = benchWith({}, () => stored.promise);
  const desk = bench.desk();
  await desk.begin(TOKEN);
  desk.body(MESSAGE);
  let said: string | undefined;
  const answered = desk.end(MESSAGE.length).then((line) => (said = line));
  await new Promise((resolve) => void setImmediate(resolve));
  assert.equal(said, undefined);
  stored.reject(new Error("the disk is full"));
  await answered;
  assert.match(String(said), /^451 4\.3\.0/);
  assert.equal(bench.errors[0]?.["problem"], "the disk is full");

  const { bench: other } = benchWith({}, () => Promise.reject(new Error("the disk is full")));
  assert.match(await other.desk().deliver(MESSAGE, TOKEN, "user@local.example"), /^451/);
  assert.equal(other.draft.commits.length, 0);
});

test("a memory that does not answer is 451 at RCPT", async () => {
  for (const knowsToken of [
    () => Promise.reject(new Error("the store does not answer")),
    () => assert.fail("the store does not answer"),
  ]) {
    const { bench, kept } = benchWith({ knowsToken });
    assert.match(await bench.desk().recipient(TOKEN), /^451 4\.3\.0/);
    assert.deepEqual(kept, []);
  }
});

test("nobody else is in that domain, and unknown tokens are nobody", async () => {
  const { bench, kept } = benchWith();
  const desk = bench.desk();
  for (const nobody of ["t-2@tests.example", "t-2.b@tests.example", "user@tests.example"])
    assert.equal(await desk.recipient(nobody), "550 5.1.1 no such mailbox here", nobody);
  assert.equal(await desk.recipient("abuse@tests.example"), "proceed");
  assert.deepEqual(kept, []);
});

test("a token and a mailbox in one message: each gets its own", async () => {
  for (const recipients of [
    [TOKEN, "user@local.example"],
    ["user@local.example", TOKEN],
  ]) {
    const { bench, kept } = benchWith();
    assert.match(await bench.desk().deliver(MESSAGE, ...recipients), /^250 /);
    assert.equal(bench.draft.content, MESSAGE);
    const [acceptance] = bench.draft.commits;
    assert.equal(acceptance?.mailboxes.length, 1);
    assert.equal(acceptance.departure, undefined);
    assert.equal(kept.length, 1);
    const { events } = JSON.parse(acceptance.record.json) as { events: FactEvent[] }; // as the recorder wrote it
    assert.equal(message(events).decision.evidence["relayTest"], "relay");
  }
});

test("a message that is refused for its mailbox is evidence all the same", async () => {
  const { bench, kept } = benchWith({ hops: 0 });
  assert.match(await bench.desk().deliver(MESSAGE, TOKEN, "user@local.example"), /^554 5\.4\.6/);
  assert.equal(bench.draft.commits.length, 0);
  assert.equal(kept.length, 1);
  assert.match(await bench.desk().deliver(MESSAGE, TOKEN), /^250 /); // for it alone nobody counts hops
});

test("its origin is nobody's business, unless somebody here gets the message too", async () => {
  const { bench } = benchWith();
  let opened = 0;
  const open = (): undefined => void opened++;
  bench.ways = { ...bench.ways, origins: { open } };
  await bench.desk().deliver(MESSAGE, TOKEN);
  assert.equal(opened, 0);
  await bench.desk().deliver(MESSAGE, TOKEN, "user@local.example");
  assert.equal(opened, 1);
});

test("who is not let in at MAIL may bring evidence, and nothing else", async () => {
  const { bench, kept } = benchWith({ admission: { require: "certificate", domains: new Map() } });
  const desk = bench.desk();
  assert.equal(await desk.sender("sender@foreign.example"), "proceed");
  assert.match(await desk.recipient("user@local.example"), /^530 5\.7\.0/);
  assert.match(await desk.recipient("postmaster"), /^530 5\.7\.0/);
  assert.equal(await desk.recipient("t-2@tests.example"), "550 5.1.1 no such mailbox here");
  assert.equal(await desk.recipient(TOKEN), "proceed");
  await desk.content();
  desk.body(MESSAGE);
  assert.match(await desk.end(MESSAGE.length), /^250 /);
  assert.equal(kept.length, 1);
  desk.ended();
  const [sender, refused] = bench.noted[0]?.events ?? [];
  assert.ok(sender?.kind === "sender" && refused?.kind === "recipient");
  assert.equal(sender.decision?.check, "put off to the recipients");
  assert.deepEqual([refused.decision.check, refused.decision.action], ["admission", "refuse"]);
});

test("a no at MAIL is said there where nothing is awaited at all", async () => {
  const { bench } = benchWith({ admission: { require: "certificate", domains: new Map() } });
  const { testReturns: _, ...without } = bench.ways;
  bench.ways = without;
  assert.match(await bench.desk().sender("sender@foreign.example"), /^530 5\.7\.0/);
});
