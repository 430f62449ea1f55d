/** What a test has shown, for the list: a proof, nothing yet, closed, blocked, not known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { findingOf } from "../../../src/operate/suspects/finding.ts";
import {
  MemoryOfNow,
  testServer,
  TOKEN_LIFE_MS,
  type TestOptions,
} from "../../../src/operate/tester/index.ts";
import { HERE, ScriptedHost, type HostScript } from "../tester/scripted-host.ts";

const TESTED = parseIp("5.6.7.8") as Ip; // it is one

const OPTIONS: TestOptions = {
  about: TESTED,
  target: "5.6.7.8",
  endpoints: [{ ip: TESTED, port: 25, implicitTls: false }],
  id: "one",
  foreign: parseDomain("tester.example") as Domain, // it is one
  knowledge: { domain: parseDomain("local.example") as Domain }, // so is this
  paceMs: 0,
  wayBack: { name: "a sink", waitMs: 1000 },
  only: ({ id }) => id === "R01",
};

const TAKES: HostScript = {
  answer: (command) => (command.startsWith("RCPT") ? "250 2.1.5 good" : undefined),
};
const OPEN: HostScript = { ...TAKES, relays: () => true };
const ENDED = 1_800_000_000_000;

async function finding(script: HostScript, { now = ENDED, ...more }: Partial<TestOptions> & { now?: number } = {}) {
  const memory = new MemoryOfNow();
  const machine = new ScriptedHost(script, memory).machine;
  return findingOf(await testServer({ ...OPTIONS, ...more }, machine, memory), ENDED, now);
} // prettier-ignore

test("a message that came back is a proof, and says by whom it came", async () => {
  const { kind, ...rest } = await finding(OPEN);
  assert.equal(kind, "relayed");
  assert.deepEqual("outputs" in rest && rest.outputs, [HERE]);
});

test("a message that was taken is waited for, and after five days it was not relayed", async () => {
  const found = await finding(TAKES);
  assert.deepEqual([found.kind, "until" in found && found.until], ["accepted", ENDED + TOKEN_LIFE_MS]); // prettier-ignore
  assert.equal((await finding(TAKES, { now: ENDED + TOKEN_LIFE_MS - 1 })).kind, "accepted");
  assert.equal((await finding(TAKES, { now: ENDED + TOKEN_LIFE_MS })).kind, "clean");
});

test("where it would not have come back nobody knows", async () => {
  const later = { now: ENDED + TOKEN_LIFE_MS };
  const doubted = { name: "a sink", waitMs: 0, doubts: ["it is not there"] };
  assert.equal((await finding(TAKES, { ...later, wayBack: doubted })).kind, "unknown");
});

test("a host is clean that refuses every try, and not one that nobody reaches or that was not tested to the end", async () => {
  assert.equal((await finding({})).kind, "clean");
  assert.equal((await finding({ unreachable: true })).kind, "unknown");
  assert.equal((await finding({}, { stopped: () => true })).kind, "unknown");
  assert.equal((await finding({}, { problems: ["the DNS does not say where else it is"] })).kind, "unknown"); // prettier-ignore
});

test("a host that refuses whoever tests is no clean one", async () => {
  const greeting = { answer: (command: string) => (command === "greeting" ? "554 5.7.1 blocked" : undefined) }; // prettier-ignore
  const { kind, why } = await finding(greeting);
  assert.equal(kind, "blocked");
  assert.match(why, /blocked/);
});
