/** Ctrl-C: between two servers and in the middle of a wait, as well as between two tries; and the report says what it left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import { MemoryOfNow, testReport, testServer } from "../../../src/operate/tester/index.ts";
import { HERE, ScriptedHost, type HostScript } from "./scripted-host.ts";
import { OPTIONS } from "./tested.ts";

const TAKES = "250 2.1.5 good";
const THERE = parseIp("127.0.0.2") as Ip; // it is one
const ONLY = { only: ({ id }: { readonly id: string }) => id === "R01" };

/** Interrupted once `when` says so, of what was slept and how many connections there were. */
async function interrupted(
  script: HostScript,
  when: (host: ScriptedHost) => boolean,
  options: Partial<typeof OPTIONS> = {},
) {
  const memory = new MemoryOfNow();
  const host = new ScriptedHost(script, memory);
  const stopped = (): boolean => when(host);
  const result = await testServer({ ...OPTIONS, ...options, stopped }, host.machine, memory);
  return { result, host, report: testReport(result) };
}

test("a server that is waited for is not waited for any more", async () => {
  for (const [script, ms] of [
    [{ answer: () => "421 4.3.2 busy" }, 5000],
    [
      { answer: (command: string) => (command.startsWith("RCPT") ? "450 4.2.0 later" : undefined) },
      60_000,
    ],
  ] as const) {
    const { result, host, report } = await interrupted(script, ({ slept }) => slept.length > 0);
    assert.deepEqual(host.slept, [ms]);
    assert.equal(host.connections, 1);
    assert.equal(result.verdict, "inconclusive");
    assert.match(report, /Not tested: the rest \(the test was interrupted\)/);
  }
});

test("no further server is begun, and the report names it", async () => {
  const endpoints = [HERE, THERE].map((ip) => ({ ip, port: 25, implicitTls: false }));
  let tries = 0;
  const { result, report } = await interrupted({}, () => tries > 5, {
    endpoints,
    progress: () => void tries++,
  });
  assert.equal(result.endpoints.length, 1);
  assert.equal(result.verdict, "inconclusive");
  assert.match(report, /Not tested: the rest, 127\.0\.0\.2:25 \(the test was interrupted\)/);
});

test("a message is not waited for any more; what came back before counts", async () => {
  const script: HostScript = {
    answer: (command) => (command.startsWith("RCPT") ? TAKES : undefined),
  };
  const waiting = ({ slept }: ScriptedHost): boolean => slept.includes(250);
  const { result, host, report } = await interrupted(script, waiting, ONLY);
  assert.equal(result.verdict, "inconclusive");
  assert.deepEqual(
    host.slept.filter((ms) => ms === 250),
    [250],
  );
  assert.match(report, /Not tested: what else comes back \(the test was interrupted\)/);
  const open = await interrupted({ ...script, relays: () => true }, waiting, ONLY);
  assert.equal(open.result.verdict, "open");
});

test("a closed server whose test was interrupted in the last wait is not called closed", async () => {
  const { result } = await interrupted({}, ({ slept }) => slept.includes(250), ONLY);
  assert.equal(result.verdict, "inconclusive");
});
