/** Tests of other servers: kept as they were, never changed; tokens known for a time; forgotten when they are old, in steps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RELAY_TEST_RETURNS, type RelayTests } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { expected, outcomeOf, relayTest, returnOf } from "./relay-test-site.ts";
import { openSite } from "./site.ts";

const ONE = relayTest("one");

async function ids(
  tests: RelayTests,
  query: Omit<Parameters<RelayTests["list"]>[0], "limit"> = {},
) {
  return (await tests.list({ limit: 10, ...query })).map(({ id }) => id);
}

export function relayTestCases(engine: Engine): void {
  keepingCases(engine);
  returnCases(engine);
  historyCases(engine);
  forgettingCases(engine);
}

function keepingCases(engine: Engine): void {
  test("a relay test is found as it was kept, also by a command beside the server", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const { relayTests } = store;
    assert.equal(await relayTests.find("one"), undefined);
    await relayTests.begin(ONE);
    await relayTests.expect("one", [expected("t-b"), expected("t-a")]);
    await relayTests.tried(outcomeOf("t-b"));
    const kept = { ...ONE, tried: 1, relays: 0, reports: 0 };
    const cases = [
      { ...expected("t-b"), triedAt: 1002, outcome: outcomeOf("t-b").outcome },
      expected("t-a"),
    ];
    const command = await site.open("command");
    for (const tests of [relayTests, command.relayTests]) {
      assert.deepEqual(await tests.find("one"), kept);
      assert.deepEqual(await tests.cases("one"), cases);
      assert.deepEqual(await tests.returns("one"), []);
    }
    await site.close(command);
    await site.close(store);
    const again = (await site.open("server")).relayTests;
    assert.deepEqual([await again.find("one"), await again.cases("one")], [kept, cases]);
  });

  test("nothing of a relay test is kept twice, or of none", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    await relayTests.begin(ONE);
    await assert.rejects(relayTests.begin({ ...ONE, target: "other" }));
    await relayTests.expect("one", [expected("t-a")]);
    await assert.rejects(relayTests.expect("one", [expected("t-b"), expected("t-a")]));
    await assert.rejects(relayTests.expect("two", [expected("t-c")]), /no relay test two/);
    await relayTests.tried(outcomeOf("t-a"));
    await assert.rejects(relayTests.tried({ ...outcomeOf("t-a"), outcome: "{}" }), /waits for/);
    await assert.rejects(relayTests.tried(outcomeOf("t-b")), /waits for/);
    const first = { ...expected("t-a"), triedAt: 1002, outcome: outcomeOf("t-a").outcome };
    assert.deepEqual(await relayTests.cases("one"), [first]);
    assert.equal((await relayTests.find("one"))?.target, ONE.target);
  });

  test("a relay test ends once; until then, what was found may be told better", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    await relayTests.begin(ONE);
    await relayTests.conclude("one", { found: "half" });
    const half = await relayTests.find("one");
    assert.deepEqual([half?.found, half?.endedAt], ["half", undefined]);
    await relayTests.conclude("one", { found: "all", endedAt: 2000 });
    await relayTests.conclude("one", { found: "else", endedAt: 3000 });
    const all = await relayTests.find("one");
    assert.deepEqual([all?.found, all?.endedAt], ["all", 2000]);
  });

  test("one goes on with a relay test at a time, and nobody with one that has ended", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    await relayTests.begin(ONE);
    const taken = await Promise.all(
      ["process 2", "process 3"].map((holder) => relayTests.take("one", "process 1", holder)),
    );
    assert.deepEqual(new Set(taken), new Set([true, false]));
    const { holder = "" } = (await relayTests.find("one")) ?? {};
    await relayTests.conclude("one", { found: "{}", endedAt: 2000 });
    assert.equal(await relayTests.take("one", holder, "process 4"), false);
    assert.equal(await relayTests.take("two", holder, "process 4"), false);
  });
}

function returnCases(engine: Engine): void {
  test("a token is known from when it is expected, for a time after it was tried", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    await relayTests.begin(ONE);
    assert.equal(relayTests.isKnown("t-a", 0), false);
    await relayTests.expect("one", [expected("t-a", 100)]);
    assert.equal(relayTests.isKnown("t-a", 100), true);
    assert.equal(relayTests.isKnown("t-a", 101), false);
    assert.equal(relayTests.isKnown("T-A", 0), false);
    assert.deepEqual([relayTests.testOf("t-a"), relayTests.testOf("t-b")], ["one", undefined]);
    await relayTests.tried(outcomeOf("t-a", 200));
    assert.equal(relayTests.isKnown("t-a", 200), true);
    assert.equal(relayTests.isKnown("t-a", 201), false);
  });

  test("what comes back belongs to its token's test, whatever has become of that", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    for (const id of ["one", "two"]) await relayTests.begin(relayTest(id));
    await relayTests.expect("one", [expected("t-a"), expected("t-b")]);
    await relayTests.expect("two", [expected("t-c")]);
    await relayTests.conclude("one", { found: "{}", endedAt: 1500 });
    const late = returnOf("t-b", { at: 9000, kind: "report" });
    for (const one of [returnOf("t-b"), returnOf("t-c"), late, returnOf("t-nobody")])
      await relayTests.came(one);
    assert.deepEqual(await relayTests.returns("one"), [returnOf("t-b"), late]);
    assert.deepEqual(await relayTests.returns("two"), [returnOf("t-c")]);
    const { relays, reports } = (await relayTests.find("one")) ?? {};
    assert.deepEqual([relays, reports], [1, 1]);
  });

  test(`of one relay test ${RELAY_TEST_RETURNS} returns are kept, and of another as many`, async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    for (const id of ["one", "two"]) await relayTests.begin(relayTest(id));
    await relayTests.expect("one", [expected("t-a"), expected("t-b")]);
    await relayTests.expect("two", [expected("t-c")]);
    const flood = Array.from({ length: RELAY_TEST_RETURNS + 10 }, (_, at) =>
      relayTests.came(returnOf("t-a", { at })),
    );
    await Promise.all([
      ...flood,
      relayTests.came(returnOf("t-b")),
      relayTests.came(returnOf("t-c")),
    ]);
    const kept = await relayTests.returns("one");
    assert.equal(kept.length, RELAY_TEST_RETURNS);
    assert.deepEqual(kept.at(-1), returnOf("t-a", { at: RELAY_TEST_RETURNS - 1 }));
    assert.deepEqual(await relayTests.returns("two"), [returnOf("t-c")]);
  });
}

function historyCases(engine: Engine): void {
  test("relay tests are counted by server and time", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    for (const at of [100, 200, 300]) await relayTests.begin(relayTest(`at ${at}`, { at }));
    await relayTests.begin(relayTest("other", { at: 300, about: "mx.example.net" }));
    const counts = [0, 100, 101, 300, 301].map((since) => relayTests.countSince(ONE.about, since));
    assert.deepEqual(await Promise.all(counts), [3, 3, 2, 1, 0]);
    assert.equal(await relayTests.countSince("mx", 0), 0);
  });

  test("they are listed from the latest on, in pages, by server, by what is unfinished", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    assert.deepEqual(await ids(relayTests), []);
    const about = "mx.example.net";
    for (const [i, id] of ["a", "b", "c", "d", "e"].entries())
      await relayTests.begin(
        relayTest(id, { at: i < 2 ? 100 : 100 + i, ...(i % 2 === 1 && { about }) }),
      );
    for (const id of ["a", "d", "e"]) await relayTests.conclude(id, { found: "{}", endedAt: 500 });
    assert.deepEqual(await ids(relayTests), ["e", "d", "c", "b", "a"]);
    const page = await relayTests.list({ limit: 2, before: "d" });
    assert.deepEqual(
      page.map(({ id }) => id),
      ["c", "b"],
    );
    assert.deepEqual(await ids(relayTests, { before: "b" }), ["a"]);
    assert.deepEqual(await ids(relayTests, { about }), ["d", "b"]);
    assert.deepEqual(await ids(relayTests, { unfinished: true }), ["c", "b"]);
    assert.deepEqual(await ids(relayTests, { unfinished: true, about }), ["b"]);
    assert.deepEqual(await ids(relayTests, { about, before: "d" }), ["b"]);
  });
}

function forgettingCases(engine: Engine): void {
  test("old relay tests are forgotten with all of theirs, but not what is gone on with", async (t) => {
    const { relayTests } = (await openSite(t, engine, "server")).store;
    const tests = { old: 100, older: 50, "gone on with": 60, young: 1000 };
    for (const [id, at] of Object.entries(tests)) {
      await relayTests.begin(relayTest(id, { at }));
      const tokens = Array.from({ length: 450 }, (_, i) => `t-${id}-${i}`);
      await relayTests.expect(
        id,
        tokens.map((token) => expected(token, at)),
      );
      await Promise.all(tokens.map((token) => relayTests.came(returnOf(token))));
    }
    await relayTests.expect("gone on with", [expected("t-now", 900)]);
    await relayTests.prune(101);
    assert.deepEqual(await ids(relayTests), ["young", "gone on with"]);
    assert.equal(relayTests.isKnown("t-old-0", 0), false);
    assert.equal(relayTests.isKnown("t-gone on with-0", 0), true);
    assert.equal((await relayTests.cases("gone on with")).length, 451);
    assert.equal((await relayTests.returns("young")).length, 450);
    assert.deepEqual(await relayTests.cases("old"), []);
    await relayTests.begin(relayTest("old"));
    assert.deepEqual(await relayTests.returns("old"), []);
  });
}
