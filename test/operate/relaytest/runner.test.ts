/** The runner compares answer by answer, and follows up a wrong one to the end of a message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { casesFor, type Case } from "../../../src/operate/relaytest/case.ts";
import { run } from "../../../src/operate/relaytest/runner.ts";
import {
  printTranscript,
  type Chapter,
  type Feature,
  type Vector,
} from "../../../src/operate/relaytest/index.ts";
import { ScriptedConnection } from "./scripted-connection.ts";
import { NAMES } from "./small-directory.ts";

const RELAY: Vector = {
  id: "R01",
  origin: "D",
  why: "no control",
  script: [["RCPT TO:<{T}>", "550 5.7.1"]],
};
const FEATURES = new Set<Feature>(["starttls"]);

function caseOf(vector: Partial<Vector>, from: readonly string[] = ["<>"]): Case {
  const chapter: Chapter = { section: 1, title: "test", from, vectors: [{ ...RELAY, ...vector }] };
  const [first] = casesFor([chapter], FEATURES, NAMES);
  assert.ok(first);
  return first;
}

const GREETING = "220 mx\r\n";
const EHLO = "250-mx\r\n250 SIZE\r\n";
const OK = "250 2.1.0 ok\r\n";
const DENIED = "550 5.7.1 no\r\n";
const BYE = "221 2.0.0 bye\r\nclosed";

test("all answers as expected", async () => {
  const connection = new ScriptedConnection(GREETING, EHLO, OK, DENIED, BYE);
  const { outcome, transcript } = await run(caseOf({}), connection);
  assert.deepEqual(outcome, { kind: "as expected" });
  assert.deepEqual(connection.written, [
    "EHLO foreign.example\r\n",
    "MAIL FROM:<>\r\n",
    "RCPT TO:<tok-5f3a9c1e@foreign.example>\r\n",
    "QUIT\r\n",
  ]);
  assert.ok(connection.closed);
  assert.deepEqual(printTranscript(transcript).slice(0, 4), [
    "S: 220 mx",
    "C: EHLO foreign.example",
    "S: 250-mx",
    "S: 250 SIZE",
  ]);
});

test("a wrong answer: what was expected and what came, and then a message is tried", async () => {
  const taken = "250 2.1.5 ok\r\n";
  const connection = new ScriptedConnection(
    GREETING,
    EHLO,
    OK,
    taken,
    "354 go\r\n",
    "250 2.0.0\r\n",
  );
  const { outcome, transcript } = await run(caseOf({}), connection);
  assert.ok(!printTranscript(transcript).some((line) => line.includes("silence")));
  assert.deepEqual(outcome, {
    kind: "deviation",
    said: "RCPT TO:<tok-5f3a9c1e@foreign.example>\r\n",
    expected: ["550 5.7.1"],
    got: ["250 2.1.5"],
  });
  assert.equal(connection.written[3], "DATA\r\n");
  // From somebody who may have logged in: a message without an author would be refused for that.
  assert.match(connection.written[4] ?? "", /^From: <ann@kite\.example>\r\n[^]*\r\n\.\r\n$/);
});

test("a right code with another enhanced code is wrong, and so is one without", async () => {
  for (const answer of ["550 5.7.0 no\r\n", "550 no\r\n", "554 5.7.1 no\r\n"]) {
    const { outcome } = await run(caseOf({}), new ScriptedConnection(GREETING, EHLO, OK, answer));
    assert.equal(outcome.kind, "deviation", answer);
  }
});

test("a reply too many is found at QUIT, a reply too few at once", async () => {
  const surplus = new ScriptedConnection(GREETING, EHLO, OK, `${DENIED}250 2.0.0\r\n`, BYE);
  const { outcome } = await run(caseOf({}), surplus);
  assert.deepEqual(outcome.kind === "deviation" && outcome.got, ["250 2.0.0", "221 2.0.0"]);
  const missing = await run(caseOf({}), new ScriptedConnection(GREETING, EHLO, OK, ""));
  assert.deepEqual(missing.outcome.kind === "deviation" && missing.outcome.got, ["silence"]);
});

test("an expected end of the connection must come, and no QUIT is said then", async () => {
  const vector = { script: [["NOOP", "421 4.7.0", "closed"]] } as const;
  const ended = new ScriptedConnection(GREETING, EHLO, OK, "421 4.7.0\r\nclosed");
  assert.equal((await run(caseOf(vector), ended)).outcome.kind, "as expected");
  assert.equal(ended.written.at(-1), "NOOP\r\n");
  const open = new ScriptedConnection(GREETING, EHLO, OK, "421 4.7.0\r\n");
  const { outcome } = await run(caseOf(vector), open);
  assert.deepEqual(outcome.kind === "deviation" && outcome.got, ["421 4.7.0", "silence"]);
});

test("a server that took DATA for content is given an end of it", async () => {
  const connection = new ScriptedConnection(GREETING, EHLO, OK, "354 go\r\n", "", "250 2.0.0\r\n");
  const { outcome } = await run(caseOf({}), connection);
  assert.deepEqual(outcome.kind === "deviation" && outcome.got, ["354"]);
  // From somebody who may have logged in: a message without an author would be refused for that.
  assert.match(connection.written[4] ?? "", /^From: <ann@kite\.example>\r\n[^]*\r\n\.\r\n$/);
});

test("late replies are passed over in search of the one to DATA", async () => {
  const taken = "250 2.1.5 ok\r\n250 2.1.5 ok\r\n";
  const connection = new ScriptedConnection(GREETING, EHLO, OK, taken, "354 go\r\n");
  await run(caseOf({}), connection);
  // From somebody who may have logged in: a message without an author would be refused for that.
  assert.match(connection.written[4] ?? "", /^From: <ann@kite\.example>\r\n[^]*\r\n\.\r\n$/);
});

test("a server that refuses DATA as well is given no message", async () => {
  const refused = "503 5.5.1 no\r\n";
  const connection = new ScriptedConnection(GREETING, EHLO, OK, "550 5.1.1 no\r\n", refused);
  await run(caseOf({}), connection);
  assert.equal(connection.written.at(-1), "DATA\r\n");
});

test("a reply that is none is wrong, and nothing is waited for after it", async () => {
  const connection = new ScriptedConnection(GREETING, EHLO, OK, "no\r\n550 5.7.1 no\r\n");
  const { outcome } = await run(caseOf({}), connection);
  assert.deepEqual(outcome.kind === "deviation" && outcome.got, ["malformed reply"]);
});

test("without a greeting or a handshake nothing was tried", async () => {
  const silent = await run(caseOf({}), new ScriptedConnection(""));
  assert.deepEqual(silent.outcome, { kind: "failure", reason: "no greeting: silence" });
  const vector = { script: [[{ handshake: "TLS" }]] } as const;
  const plain = await run(caseOf(vector), new ScriptedConnection(GREETING, EHLO, OK));
  assert.deepEqual(plain.outcome, { kind: "failure", reason: "no TLS handshake" });
});
