/** The store as the memory of tests: a run that is kept is what it was, goes on after an interruption, and says more when more comes back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { processMark } from "../../src/app/process-mark.ts";
import { StoredTests } from "../../src/app/stored-tests.ts";
import { parseDomain, type Domain } from "../../src/mail/index.ts";
import {
  evidenceOf,
  keptReport,
  testReport,
  testServer,
  TOKEN_LIFE_MS,
  verdictAsOfNow,
  type ExpectedCase,
  type TestOptions,
  type TestResult,
  type Token,
} from "../../src/operate/tester/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { Store } from "../../src/store/index.ts";
import { HERE, ScriptedHost, type HostScript } from "../operate/tester/scripted-host.ts";

const OPTIONS: TestOptions = {
  about: parseDomain("mx.local.example") as Domain, // it is one
  asked: { mine: true },
  target: "mx.local.example:25",
  endpoints: [{ ip: HERE, port: 25, implicitTls: false }],
  id: "one",
  foreign: parseDomain("tester.example") as Domain,
  knowledge: { domain: parseDomain("local.example") as Domain },
  paceMs: 0,
  wayBack: { name: "a sink", waitMs: 1000 },
  only: ({ id }) => /^R(?:0[1-9]|3[0-4])$/.test(id),
};

const BEGUN = {
  id: "one",
  about: "mx.local.example",
  target: OPTIONS.target,
  at: 1000,
  asked: { mine: true },
};

const TAKES_ALL: HostScript = {
  answer: (command) => (command.startsWith("RCPT") ? "250 2.1.5 good" : undefined),
};

async function opened(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-tests-"));
  const store = await openSqliteStore({ path: join(dir, "tests.db"), exclusive: false });
  t.after(async () => {
    await store.close();
    rmSync(dir, { recursive: true });
  });
  const clock = new ManualClock();
  return { store, clock, tests: new StoredTests(store.relayTests, clock) };
}

async function run(tests: StoredTests, script: HostScript, options: Partial<TestOptions> = {}) {
  const host = new ScriptedHost(script, tests);
  return { host, result: await testServer({ ...OPTIONS, ...options }, host.machine, tests) };
}

const keysOf = ({ endpoints }: TestResult): readonly string[] =>
  endpoints.flatMap(({ cases }) => cases.map(({ key }) => key));

/** What another process had, which has ended. */
async function left({ relayTests }: Store): Promise<void> {
  const { holder = "" } = (await relayTests.find("one")) ?? {};
  assert.ok(await relayTests.take("one", holder, "1 0"));
}

test("what is shown of a kept test is the report of its run, open or closed", async (t) => {
  for (const script of [{}, { ...TAKES_ALL, relays: () => true }]) {
    const { tests } = await opened(t);
    const { result } = await run(tests, script, { everyTranscript: true });
    const { test: kept, result: shown } = await tests.show("one");
    assert.deepEqual(shown && { ...shown, endpoints: [] }, { ...result, endpoints: [] });
    assert.equal(shown && testReport(shown), testReport(result));
    assert.deepEqual(
      shown?.endpoints.map(({ cases }) => cases),
      result.endpoints.map(({ cases }) => cases),
    );
    assert.equal(kept.state, "finished");
    assert.equal(verdictAsOfNow(kept), result.verdict);
    assert.ok(keptReport(kept, shown).includes(testReport(result)));
    assert.deepEqual(kept.asked, BEGUN.asked);
  }
});

test("a message that comes back days later makes what was accepted open, and a report about one no more than weak", async (t) => {
  const { tests, clock } = await opened(t);
  const { result } = await run(tests, TAKES_ALL);
  const verdict = async () => (await tests.list({ limit: 1 })).map(verdictAsOfNow);
  assert.deepEqual([result.grade, await verdict()], ["accepted", ["inconclusive"]]);
  const token = result.endpoints[0]?.cases.at(-1)?.token ?? assert.fail();
  clock.advance(TOKEN_LIFE_MS / 2);
  const back = { token, from: HERE, at: clock.now(), received: ["from a by b"] };
  assert.ok(await tests.knows(token));
  await tests.came({ ...back, kind: "report" });
  assert.deepEqual(await verdict(), ["inconclusive"]);
  await tests.came({ ...back, kind: "relay" });
  assert.deepEqual(await verdict(), ["open"]);
  const { test: kept, result: shown } = await tests.show("one");
  assert.equal(shown?.verdict, "open");
  assert.match(
    keptReport(kept, shown),
    /OPEN RELAY[\s\S]*Evidence of 1 case[\s\S]*SHA-256 [0-9a-f]{64}$/,
  );
});

test("a report about what was closed is counted as the report says it", async (t) => {
  const { tests } = await opened(t);
  const { result } = await run(tests, {});
  const token = result.endpoints[0]?.cases[0]?.token ?? assert.fail();
  await tests.came({ token, kind: "report", from: HERE, at: 5000, received: [] });
  const { test: kept, result: shown } = await tests.show("one");
  assert.deepEqual([shown?.grade, verdictAsOfNow(kept)], ["weak", shown?.verdict]);
});

test("a token is known for five days after its case was tried", async (t) => {
  const { tests, clock } = await opened(t);
  const { result } = await run(tests, {});
  const tokens = result.endpoints.flatMap(({ cases }) => cases.map((one) => one.token));
  clock.advance(TOKEN_LIFE_MS);
  for (const token of tokens) assert.ok(await tests.knows(token));
  clock.advance(1);
  for (const token of tokens) assert.equal(await tests.knows(token), false);
  assert.equal(await tests.knows("t-aaaaaaaaaaaaaaaa" as Token), false);
});

test("a test goes on in another process where it was interrupted, and tries nothing twice", async (t) => {
  const { tests, store, clock } = await opened(t);
  let tries = 0;
  const options = { progress: () => void tries++ };
  const first = await run(tests, {}, { ...options, stopped: () => tries >= 40 });
  assert.equal(first.result.verdict, "inconclusive");
  assert.deepEqual(
    (await tests.list({ limit: 5 })).map(({ state, tried }) => [state, tried]),
    [["running", 40]],
  );
  await left(store);
  const other = new StoredTests(store.relayTests, clock);
  const resumed = await other.resume();
  assert.deepEqual([resumed.id, resumed.state, resumed.asked], ["one", "unfinished", BEGUN.asked]);
  const before = resumed.found?.visits ?? [];
  const { result } = await run(other, {}, { ...options, before });
  assert.equal(result.verdict, "closed");
  assert.equal(new Set(keysOf(result)).size, keysOf(result).length);
  assert.equal(tries, keysOf(result).length);
  const [kept] = await other.list({ limit: 5 });
  assert.deepEqual([kept?.state, kept?.tried], ["finished", tries]);
});

test("what came back of a case whose answer was never kept is proof, of a test that says nothing else", async (t) => {
  const { tests, clock } = await opened(t);
  let cut: ExpectedCase | undefined;
  const expects = tests.expects.bind(tests);
  tests.expects = (id, cases) => {
    cut ??= cases[0];
    return expects(id, cases);
  };
  await run(tests, {}, { stopped: () => cut !== undefined });
  assert.ok(cut !== undefined);
  const { token, vector } = cut;
  await tests.came({ token, kind: "relay", from: HERE, at: clock.now(), received: [] });
  const { test: kept, result } = await tests.show("one");
  assert.deepEqual([result?.verdict, verdictAsOfNow(kept)], ["open", "open"]);
  assert.deepEqual(
    result?.endpoints[0]?.cases.map((one) => [one.vector, one.grade]),
    [[vector, "relayed"]],
  );
});

test("a test is gone on with only where it is one, has no end, and nobody runs it", async (t) => {
  const { tests, store } = await opened(t);
  await assert.rejects(tests.resume(), /no unfinished test/);
  await assert.rejects(tests.resume("none"), /no test none/);
  const parent = processMark(process.ppid) ?? assert.fail();
  await store.relayTests.begin({ ...BEGUN, asked: "null", holder: parent });
  await assert.rejects(tests.resume("one"), new RegExp(`still run, by process ${process.ppid}$`));
  await assert.rejects(tests.resume(), /still run by others/);
  await store.relayTests.take("one", parent, `${process.ppid} 1`); // the number is another's by now
  await tests.resume("one");
  await tests.conclude("one", {}, 2000);
  await assert.rejects(tests.resume("one"), /was finished/);
});

test("tests that began are counted, however often they are gone on with", async (t) => {
  const { tests, store } = await opened(t);
  await tests.begin(BEGUN);
  await left(store);
  await tests.resume("one");
  assert.equal(await tests.testsSince(BEGUN.about, 0), 1);
  assert.equal(await tests.testsSince(BEGUN.target, 0), 0);
});

test("an outcome that cannot be kept ends the test", async (t) => {
  const { tests, store } = await opened(t);
  store.relayTests.tried = () => Promise.reject(new Error("disk full"));
  await assert.rejects(run(tests, {}), /disk full/);
});

test("evidence has the same number however it is read, and another for whatever is another", async (t) => {
  const { tests } = await opened(t);
  const { result } = await run(tests, { ...TAKES_ALL, relays: () => true });
  const { result: shown } = await tests.show("one");
  const first = evidenceOf(result) ?? assert.fail();
  assert.ok(first.cases > 10);
  assert.deepEqual(shown && evidenceOf(shown), first);
  const [endpoint] = result.endpoints;
  assert.ok(endpoint !== undefined);
  const changed = (cases: typeof endpoint.cases): TestResult => ({
    ...result,
    endpoints: [{ ...endpoint, cases }],
  });
  assert.equal(evidenceOf(changed(endpoint.cases.toReversed()))?.sha256, first.sha256);
  const [one, ...rest] = endpoint.cases;
  assert.ok(one !== undefined && one.returned[0] !== undefined);
  const later = { ...one.returned[0], at: first.until + 1 };
  const others = [
    rest,
    [{ ...one, transcript: [] }, ...rest],
    [{ ...one, vector: "R999" }, ...rest],
    [{ ...one, returned: [...one.returned, later] }, ...rest],
  ];
  const sums = others.map((cases) => evidenceOf(changed(cases))?.sha256);
  assert.equal(
    new Set([first.sha256, evidenceOf({ ...result, id: "two" })?.sha256, ...sums]).size,
    6,
  );
  const then = evidenceOf(changed(others[3] ?? []), first.until);
  assert.deepEqual(then, first, "what came later is not in it");
  assert.equal(evidenceOf(changed([])), undefined);
});
