/** Whom nobody has here, where verified senders are told by mail: what is asked of the DNS when, what is taken, what is kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../../../src/mail/index.ts";
import {
  UnknownRecipients,
  type UnknownRecipientsDeps,
} from "../../../src/service/receive/index.ts";
import { Bench, type DeskOnBench } from "./desk-bench.ts";
import { domainOf } from "../../support/memory-directory.ts";

const REFUSED = "550 5.1.1 no such mailbox here";
const SAM = "sam@strange.example";
const HOUR_MS = 3_600_000;

interface Office {
  readonly bench: Bench;
  readonly asked: string[];
  /** What SPF says. */
  result: string;
}

function office(change: Partial<UnknownRecipientsDeps> = {}): Office {
  const bench = new Bench();
  const made: Office = { bench, asked: [], result: "pass" };
  const unknownRecipients = new UnknownRecipients({
    authentication: {
      spf: async ({ sender }) => {
        made.asked.push(sender);
        return { result: made.result, domain: domainOf(sender.replace(/.*@/, "")) };
      },
    },
    privateClients: true,
    settings: { reports_per_hour: 2, reported_recipients: 2 },
    clock: bench.clock,
    ...change,
  });
  bench.ways = { unknownRecipients };
  return made;
}

async function session(bench: Bench, from: string): Promise<DeskOnBench> {
  const desk = bench.desk();
  await desk.helo("EHLO", "client.example");
  await desk.sender(from);
  return desk;
}

const HEADER = "Subject: x\r\n\r\nx\r\n";

async function deliver(desk: DeskOnBench, content = HEADER): Promise<string> {
  assert.equal(await desk.content(), "proceed");
  desk.body(content);
  return desk.end(content.length);
}

test("a verified sender's message is taken, and a row waits to be reported with what shows whose it is", async () => {
  const { bench, asked } = office();
  const desk = await session(bench, SAM);
  assert.equal(await desk.recipient("nobody@local.example"), "proceed");
  assert.match(await deliver(desk), /^250 /);
  assert.deepEqual(asked, [SAM]);
  const [acceptance] = bench.draft.commits;
  assert.deepEqual(acceptance?.mailboxes, []);
  const { tell, evidence, recipients = [] } = acceptance?.departure ?? {};
  assert.deepEqual([tell, evidence], ["proved sender", { sender: SAM, spf: "strange.example" }]);
  const [row] = recipients;
  assert.ok(row !== undefined && "settled" in row);
  assert.deepEqual([row.forwardPath, row.settled.code], ["nobody@local.example", 550]);
});

test("the DNS is asked once for a message, and whoever its first recipient is, so that nobody hears who is here", async () => {
  const { bench, asked } = office();
  const desk = await session(bench, SAM);
  assert.equal(await desk.recipient("user@local.example"), "proceed");
  assert.deepEqual(asked, [SAM]);
  assert.equal(await desk.recipient("nobody@local.example"), "proceed");
  assert.deepEqual(asked, [SAM]);
  assert.match(await deliver(desk), /^250 /);
  await desk.sender("tom@strange.example");
  await desk.recipient("user@local.example");
  assert.deepEqual(asked, [SAM, "tom@strange.example"]);
});

for (const result of ["fail", "softfail", "neutral", "none", "permerror"])
  test(`where SPF says ${result} it is refused in the session`, async () => {
    const made = office();
    made.result = result;
    const desk = await session(made.bench, SAM);
    assert.equal(await desk.recipient("nobody@local.example"), REFUSED);
  });

test("while the DNS does not say it, the sender's server is to come again", async () => {
  const made = office();
  made.result = "temperror";
  const desk = await session(made.bench, SAM);
  assert.match(await desk.recipient("nobody@local.example"), /^451 4\.4\.3 /);
  assert.equal(await desk.recipient("user@local.example"), "proceed", "who is here gets his mail");
});

test("the null path and an address literal are not asked about, and refused", async () => {
  const { bench, asked } = office();
  for (const from of ["", "sam@[192.0.2.9]"]) {
    const desk = await session(bench, from);
    assert.equal(await desk.recipient("nobody@local.example"), REFUSED);
  }
  assert.deepEqual(asked, []);
});

test("a client within is not asked about, unless it is wished", async () => {
  for (const [privateClients, expected] of [
    [false, REFUSED],
    [true, "proceed"],
  ] as const) {
    const { bench } = office({ privateClients });
    const ip = parseIp("10.0.0.9");
    assert.ok(ip !== undefined);
    const desk = bench.desk({ ip });
    await desk.sender(SAM);
    assert.equal(await desk.recipient("nobody@local.example"), expected);
  }
});

test("one report names so many recipients, and a domain gets so many reports in an hour", async () => {
  const { bench } = office();
  for (let message = 0; message < 2; message++) {
    const desk = await session(bench, SAM);
    for (const name of ["a", "b"])
      assert.equal(await desk.recipient(`${name}@local.example`), "proceed");
    assert.equal(await desk.recipient("c@local.example"), REFUSED);
    assert.match(await deliver(desk), /^250 /);
  }
  assert.equal(await (await session(bench, SAM)).recipient("d@local.example"), REFUSED);
  const other = await session(bench, "tom@other.example");
  assert.equal(await other.recipient("d@local.example"), "proceed", "that one has its own");
  bench.clock.advance(2 * HOUR_MS);
  assert.equal(await (await session(bench, SAM)).recipient("d@local.example"), "proceed");
});

test("a report or an answer for nobody but unknown recipients is refused behind its content; with others it is theirs", async () => {
  const { bench } = office();
  const answer = "Auto-Submitted: auto-replied\r\n\r\nx\r\n";
  const desk = await session(bench, SAM);
  await desk.recipient("nobody@local.example");
  assert.match(await deliver(desk, answer), /^550 5\.1\.1 .*nothing is reported about a report/);
  assert.equal(bench.draft.commits.length, 0);
  await desk.sender(SAM);
  await desk.recipient("nobody@local.example");
  await desk.recipient("user@local.example");
  assert.match(await deliver(desk, answer), /^250 /);
  assert.equal(bench.draft.commits[0]?.mailboxes.length, 1);
});

test("a program of our own is refused at once", async () => {
  const { bench, asked } = office();
  bench.ways = { ...bench.ways, trustedNetwork: () => "192.0.2.0/24" };
  const desk = await session(bench, SAM);
  assert.equal(await desk.recipient("nobody@local.example"), REFUSED);
  assert.deepEqual(asked, []);
});
