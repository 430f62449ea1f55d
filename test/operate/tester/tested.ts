/** A whole test of one scripted server. */
import assert from "node:assert/strict";
import { parseDomain, type Domain } from "../../../src/mail/index.ts";
import {
  MemoryOfNow,
  testReport,
  testServer,
  type TestOptions,
} from "../../../src/operate/tester/index.ts";
import { HERE, ScriptedHost, type HostScript } from "./scripted-host.ts";

const TESTER = parseDomain("tester.example") as Domain; // it is one
const LOCAL = parseDomain("local.example") as Domain;

export const OPTIONS: TestOptions = {
  about: parseDomain("mx.local.example") as Domain,
  target: "mx.local.example",
  endpoints: [{ ip: HERE, port: 25, implicitTls: false }],
  id: "a test",
  foreign: TESTER,
  knowledge: { domain: LOCAL, mailbox: { local: "user", domain: LOCAL } },
  paceMs: 0,
  wayBack: { name: "a sink", waitMs: 10_000 },
};

export async function tested(script: HostScript, options: Partial<TestOptions> = {}) {
  const memory = new MemoryOfNow();
  const host = new ScriptedHost(script, memory);
  const result = await testServer({ ...OPTIONS, ...options }, host.machine, memory);
  const [endpoint] = result.endpoints;
  assert.ok(endpoint !== undefined);
  return { result, endpoint, host, report: testReport(result) };
}
