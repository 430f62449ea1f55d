/** Who was reported is looked after: so many at once, who is asked for first, of a network one at a time; and nothing at all where a site tests nobody. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { suspectSite } from "../../src/app/suspect-site.ts";
import { SuspectTests } from "../../src/app/suspect-tests.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../src/mail/index.ts";
import { MemoryOfNow, testServer } from "../../src/operate/tester/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import {
  keptSuspect,
  reportSuspect,
  requestTest,
  type Examiner,
} from "../../src/operate/suspects/index.ts";
import { ManualClock, silentLog } from "../../src/runtime/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { ScriptedHost } from "../operate/tester/scripted-host.ts";
import { OPEN } from "../operate/suspects/tested-site.ts";
import { eventually } from "../support/eventually.ts";

const BASE = 'hostname = "mx.local.example"\nstore = "sqlite:gatepost.db"\npostmaster = "a@local.example"\n'; // prettier-ignore
const TESTS = `
[tester]
domain = "tests.local.example"
[suspects]
zone = "relays.bl.example.org"
tests_at_once = 2
[[listing.zone]]
zone = "relays.bl.example.org"
kind = "addresses"
ns = ["ns1.example.org"]
contact = "hostmaster@example.org"
`;

const MEMORY = new MemoryOfNow();

/** Tests that wait until a test says how they end: interrupted. */
class Examining {
  readonly under: string[] = [];
  readonly #ends = new Map<string, () => void>();
  stopped = (): boolean => false;

  examiner: Examiner = {
    test: ({ ip }) => {
      this.under.push(ip);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#ends.set(ip, () => resolve(undefined));
      return promise;
    },
    recall: () => Promise.resolve(undefined),
    aboutOf: () => Promise.resolve(undefined),
  };

  end(ip: string): void {
    this.under.splice(this.under.indexOf(ip), 1);
    this.#ends.get(ip)?.();
  }
}

async function open(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-suspects-"));
  const store = await openSqliteStore({ path: join(dir, "gatepost.db"), exclusive: false });
  const file = join(dir, "gatepost.toml");
  const load = (text: string) => {
    writeFileSync(file, text);
    return loadConfig(file);
  };
  const clock = new ManualClock();
  let loaded = load(BASE + TESTS);
  const site = suspectSite(loaded.config, store, clock);
  const examining = new Examining();
  const errors: string[] = [];
  const runner = new SuspectTests({
    store,
    clock,
    log: { ...silentLog, error: (event) => void errors.push(event) },
    present: () => loaded,
    examiner: (_, stopped) => {
      examining.stopped = stopped;
      return examining.examiner;
    },
    testOf: () => assert.fail("no message came back"),
  });
  t.after(async () => {
    await runner.stop(0);
    await store.close();
    rmSync(dir, { recursive: true });
  });
  const report = async (host: string): Promise<void> => {
    const cause = { kind: "note", text: "x" } as const;
    assert.notEqual(typeof (await reportSuspect(site, { host, origin: "command", by: "ann", cause })), "string"); // prettier-ignore
  };
  const change = (text: string): void => void (loaded = load(text));
  const underWay = (hosts: readonly string[]): Promise<true> =>
    eventually(`tests of ${hosts.join()}`, () => examining.under.join() === hosts.join() || undefined); // prettier-ignore
  return { store, clock, site, runner, examining, errors, report, change, underWay };
}

test("so many at once as the setting says; who is asked for comes first, and nobody twice", async (t) => {
  const { clock, site, runner, examining, report, underWay } = await open(t);
  for (const host of ["5.6.1.1", "5.6.2.1", "5.6.3.1", "5.6.4.1"]) {
    await report(host);
    clock.advance(1);
  }
  await requestTest(site, { host: "5.6.4.1", asker: "anybody", by: "x" });
  runner.look();
  runner.look();
  await underWay(["5.6.4.1", "5.6.1.1"]);
  examining.end("5.6.1.1");
  await eventually("room", () => {
    runner.look();
    return examining.under.length === 2 || undefined;
  });
  assert.equal(examining.under.filter((ip) => ip === "5.6.4.1").length, 1);
});

test("of a network one is tested at a time, and the others of it hold up nobody else", async (t) => {
  const { clock, runner, examining, report, underWay } = await open(t);
  for (const host of ["5.6.7.1", "5.6.7.2", "5.6.7.3", "5.6.8.1"]) {
    await report(host);
    clock.advance(1);
  }
  runner.look();
  runner.look();
  await underWay(["5.6.7.1", "5.6.8.1"]);
  examining.end("5.6.7.1");
  await eventually("the next of it", () => {
    runner.look();
    return examining.under.length === 2 || undefined;
  });
  assert.equal(examining.under.filter((ip) => ip.startsWith("5.6.7.")).length, 1);
});

test("a site that tests nobody asks its store nothing, and a test under way ends soon", async (t) => {
  const { store, runner, examining, report, change, underWay } = await open(t);
  await report("5.6.7.1");
  runner.look();
  await underWay(["5.6.7.1"]);
  assert.equal(examining.stopped(), false);
  change(BASE);
  assert.equal(examining.stopped(), true);
  for (const read of ["due", "find"] as const)
    store.suspects[read] = () => assert.fail("it was asked");
  runner.look();
  runner.came("t-aaaaaaaaaaaaaaaa");
});

test("who is protected while he is tested is not listed at the end", async (t) => {
  const { store, runner, examining, report, change } = await open(t);
  const ip = parseIp("5.6.7.8") as Ip; // it is one
  const result = await testServer(
    { about: ip, target: ip, endpoints: [{ ip, port: 25, implicitTls: false }], id: "one", foreign: parseDomain("t.example") as Domain, knowledge: {}, paceMs: 0, wayBack: { name: "here", waitMs: 0 }, only: ({ id }) => id === "R01" },
    new ScriptedHost(OPEN, MEMORY).machine,
    MEMORY,
  ); // prettier-ignore
  examining.examiner = {
    ...examining.examiner,
    test: async () => {
      change(`${BASE}${TESTS}[listing]\nprotected = ["5.6.7.0/24"]\n`);
      return "one";
    },
    recall: async () => ({ finished: true, begunAt: 1, endedAt: 2, result }),
  };
  await report(ip);
  runner.look();
  const held = await eventually("a judgement", () => {
    const stored = store.suspects.find(ip);
    return stored?.standing === "proved" ? keptSuspect(stored).held : undefined;
  });
  assert.match(held, /protected/);
  assert.equal(store.published.find("relays.bl.example.org", ip), undefined);
});

test("what goes wrong is said, and the host's turn comes again five minutes later", async (t) => {
  const { store, clock, runner, examining, errors, report } = await open(t);
  await report("5.6.7.1");
  examining.examiner = { ...examining.examiner, test: () => Promise.reject(new Error("broken")) };
  runner.look();
  const due = await eventually("another turn", () => {
    const stored = store.suspects.find("5.6.7.1");
    return stored?.due === clock.now() + 300_000 || undefined;
  });
  assert.ok(due);
  assert.deepEqual(errors, ["suspect not looked after"]);
});

test("who stops does not wait for tests that do not end", async (t) => {
  const { runner, examining, report, underWay } = await open(t);
  await report("5.6.7.1");
  runner.look();
  await underWay(["5.6.7.1"]);
  await runner.stop(0);
  assert.equal(examining.stopped(), true);
});
