/** A relay test is evidence where a message came back, about whoever took it or handed it on, and about nobody else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { evidenceOfTest } from "../../../src/operate/listing/index.ts";
import { evidenceOf, MemoryOfNow, testServer, type TestOptions } from "../../../src/operate/tester/index.ts"; // prettier-ignore
import { ScriptedHost, type HostScript } from "../tester/scripted-host.ts";
import { reason } from "./site.ts";

const TESTED = parseIp("5.6.7.8") as Ip; // it is one

const OPTIONS: TestOptions = {
  about: parseDomain("mx.local.example") as Domain, // it is one
  asked: { mine: true },
  target: "mx.local.example:25",
  endpoints: [{ ip: TESTED, port: 25, implicitTls: false }],
  id: "one",
  foreign: parseDomain("tester.example") as Domain, // so is this
  knowledge: { domain: parseDomain("local.example") as Domain }, // and this
  paceMs: 0,
  wayBack: { name: "a sink", waitMs: 1000 },
  only: ({ id }) => id === "R01",
};

const OPEN: HostScript = {
  answer: (command) => (command.startsWith("RCPT") ? "250 2.1.5 good" : undefined),
  relays: () => true,
};

function run(script: HostScript) {
  const memory = new MemoryOfNow();
  return testServer(OPTIONS, new ScriptedHost(script, memory).machine, memory);
}

test("an open relay is listed on its test, also by its block, and where it brought the message", async () => {
  const result = await run(OPEN);
  const sha256 = evidenceOf(result)?.sha256;
  assert.ok(sha256 !== undefined);
  for (const subject of ["5.6.7.8", "5.6.7.0/24", "127.0.0.1", "host.example"])
    assert.deepEqual(evidenceOfTest("one", result, subject), { kind: "test", test: "one", sha256 });
});

test("nobody else is, and nobody on a test in which nothing came back", async () => {
  const said = reason(evidenceOfTest("one", await run(OPEN), "5.6.7.9"));
  assert.equal(said, "test one is no evidence about 5.6.7.9: what came back went by 5.6.7.8, 127.0.0.1"); // prettier-ignore
  for (const result of [await run({}), await run({ ...OPEN, relays: () => false }), undefined])
    assert.match(reason(evidenceOfTest("one", result, "5.6.7.8")), /no message came back in it/);
});
