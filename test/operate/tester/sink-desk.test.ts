/** The mailbox that messages come back to: tokens of a test, in the tester's domain, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { MemoryOfNow, SinkDesk } from "../../../src/operate/tester/index.ts";
import { makeToken } from "../../../src/operate/tester/token.ts";
import { MemoryConnection } from "../../../src/operate/relaytest/index.ts";
import { Conversation } from "../../../src/protocol/dialogue/index.ts";
import { SmtpServerSession } from "../../../src/protocol/smtp/index.ts";
import { ManualClock, silentLog, systemRandom } from "../../../src/runtime/index.ts";

const DOMAIN = parseDomain("tester.example") as Domain; // it is one
const CLIENT = parseIp("192.0.2.7") as Ip; // it is one

async function sink() {
  const memory = new MemoryOfNow();
  const token = makeToken(systemRandom);
  await memory.expects("a test", [
    {
      endpoint: "192.0.2.1:25",
      key: "EHLO R01 0",
      token,
      vector: "R01",
      title: "R01",
      manner: "EHLO",
      foreignSender: true,
    },
  ]);
  const connection = new MemoryConnection((wire) => {
    const engine = new SmtpServerSession({
      hostname: DOMAIN,
      sessionId: "a session",
      startTls: "unavailable",
      limits: {
        messageOctets: 1_000_000,
        recipients: 100,
        errors: 100,
        commandLineOctets: 2048,
        transactions: 100,
        commandTimeMs: 1000,
        contentTimeMs: 1000,
        crowdedTimeMs: 1000,
      },
    });
    const deps = { domain: DOMAIN, memory, clock: new ManualClock(), log: silentLog };
    return new Conversation(engine, new SinkDesk(deps, CLIENT), wire);
  });
  const say = async (text: string): Promise<string> => {
    connection.write(`${text}\r\n`);
    const arrival = await connection.read();
    return arrival.kind === "octets" ? arrival.octets : arrival.kind;
  };
  await connection.read();
  await say("EHLO out.example");
  return { memory, token, say };
}

test("a message for a token is kept as what came back, once for each of them", async () => {
  const { memory, token, say } = await sink();
  assert.match(await say("MAIL FROM:<x@y.example>"), /^250/);
  assert.match(await say(`RCPT TO:<${token.toUpperCase()}@Tester.Example>`), /^250/);
  assert.match(await say("DATA"), /^354/);
  const body = `${"x".repeat(990)}\r\n`.repeat(300);
  assert.match(
    await say(`Received: from a by b; now\r\nX-Gatepost-Test: ${token}\r\n\r\n${body}.`),
    /^250/,
  );
  const [back, ...more] = await memory.returnsOf("a test");
  assert.deepEqual(more, []);
  assert.equal(back?.kind, "relay");
  assert.equal(back.from, CLIENT);
  assert.deepEqual(back.received, ["from a by b; now"]);
});

test("a report to the sender of a case is kept as one", async () => {
  const { memory, token, say } = await sink();
  await say("MAIL FROM:<>");
  assert.match(await say(`RCPT TO:<${token}.b@tester.example>`), /^250/);
  await say("DATA");
  await say("Subject: undelivered\r\n\r\n.");
  assert.deepEqual(
    (await memory.returnsOf("a test")).map(({ kind }) => kind),
    ["report"],
  );
});

test("nobody else gets anything: other tokens, domains, names, literals", async () => {
  const { memory, token, say } = await sink();
  const unknown = makeToken(systemRandom);
  await say("MAIL FROM:<x@y.example>");
  for (const path of [
    `${unknown}@tester.example`,
    `${token}@y.example`,
    `${token}@sub.tester.example`,
    "postmaster",
    "postmaster@tester.example",
    `${token}@[127.0.0.1]`,
    `${token}%y.example@tester.example`,
  ])
    assert.match(await say(`RCPT TO:<${path}>`), /^550/, path);
  assert.match(await say("DATA"), /^503/);
  assert.deepEqual(await memory.returnsOf("a test"), []);
});
