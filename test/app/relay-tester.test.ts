/** The tester put together: what of a target could not be found is said, and counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askConsent } from "../../src/app/consent.ts";
import { RelayTester, type TesterPlan } from "../../src/app/relay-tester.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../src/mail/index.ts";
import { aboutOf, MemoryOfNow, parseTarget, readOptOuts } from "../../src/operate/tester/index.ts";
import { parseName, ScriptedResolver, type DnsName } from "../../src/protocol/dns/index.ts";
import { systemClock, systemRandom } from "../../src/runtime/index.ts";

const name = (text: string): DnsName => parseName(text) as DnsName; // the test's own names
const EXAMPLE = parseDomain("example.org") as Domain;

const closing = (resolver: ScriptedResolver) => Object.assign(resolver, { close() {} });

const PLAN: TesterPlan = {
  domain: parseDomain("tester.example") as Domain,
  dns: {
    servers: [],
    trust_ad: false,
    deadline_ms: 1000,
    attempt_ms: 1000,
    questions: 1,
    cache_mebibytes: 1,
  },
  dailyCap: 3,
  optOuts: readOptOuts(""),
  paceMs: 0,
  waitMs: 0,
};

test("a server is one however it is written, and its tests of a day are counted as one's", async () => {
  const memory = new MemoryOfNow();
  const mx = name("mx.example.org");
  const near = new ScriptedResolver().has(mx, "A", [parseIp("127.0.0.1") as Ip]);
  // Each has a tester of its own, as each run of the command has.
  for (const written of ["MX.Example.org.", "mx.example.org:1", "mx.example.org"]) {
    const tester = await RelayTester.open(PLAN, memory, closing(near));
    const target = parseTarget(written);
    await tester.test({ target, name: written, ports: [1], knowledge: {}, mine: false });
    await tester.close();
  }
  const stranger = { ip: parseIp("192.0.2.1") as Ip, port: 25, implicitTls: false };
  const consent = await askConsent(
    {
      about: aboutOf(parseTarget("Mx.Example.ORG:25")),
      endpoints: [stranger],
      mine: true,
      tester: PLAN.domain,
      optOuts: PLAN.optOuts,
      dailyCap: PLAN.dailyCap,
    },
    {
      machine: {
        connect: () => assert.fail("it was connected to"),
        clock: systemClock,
        sleep: () => Promise.resolve(),
        random: systemRandom,
      },
      resolver: new ScriptedResolver(),
      memory,
    },
  );
  assert.ok(consent.kind === "no" && consent.why.includes("tested 3 times in the last day"));
});

test("a server of the domain that cannot be found, and addresses that the DNS does not say, leave the test unfinished", async () => {
  const resolver = new ScriptedResolver()
    .has(name("example.org"), "MX", [
      { preference: 10, exchange: name("a.example.org") },
      { preference: 20, exchange: name("gone.example.org") },
    ])
    .has(name("a.example.org"), "A", [parseIp("127.0.0.1") as Ip])
    .fails(name("a.example.org"), "AAAA", "servfail");
  const tester = await RelayTester.open(PLAN, new MemoryOfNow(), closing(resolver));
  try {
    const { unfinished, verdict } = await tester.test({
      target: { kind: "domain", domain: EXAMPLE },
      name: "example.org",
      ports: [1], // nobody listens there
      knowledge: {},
      mine: false,
    });
    assert.deepEqual(unfinished, [
      "the DNS does not say all addresses of a.example.org (servfail)",
      "gone.example.org has no address",
    ]);
    assert.equal(verdict, "inconclusive");
  } finally {
    await tester.close();
  }
});
