/** What is asked before a stranger's server is tested: whom, in which order, and what no answer means. Nothing is connected to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askConsent, type ConsentAsked } from "../../src/app/consent.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../src/mail/index.ts";
import {
  consentToken,
  MemoryOfNow,
  NotTested,
  readOptOuts,
  type Machine,
  type TestMemory,
} from "../../src/operate/tester/index.ts";
import { parseName, ScriptedResolver, type DnsName } from "../../src/protocol/dns/index.ts";
import { ManualClock, OperatorError, systemRandom } from "../../src/runtime/index.ts";

const domain = (text: string): Domain => parseDomain(text) as Domain; // the test's own names
const name = (text: string): DnsName => parseName(text) as DnsName;
const TESTER = domain("tester.example");
const TOKEN = consentToken(TESTER, "example.org");

const MACHINE: Machine = {
  connect: () => assert.fail("it was connected to"),
  clock: new ManualClock(),
  sleep: () => Promise.resolve(),
  random: systemRandom,
};

function endpoint(address: string, host?: string) {
  const ip = parseIp(address) as Ip;
  return { ip, port: 25, implicitTls: false, ...(host !== undefined && { host }) };
}

function asked(
  resolver: ScriptedResolver,
  more: Partial<ConsentAsked> = {},
  memory: TestMemory = new MemoryOfNow(),
) {
  const question = {
    about: domain("example.org"),
    endpoints: [endpoint("192.0.2.1", "mx.example.net"), endpoint("192.0.2.2", "mx2.example.net")],
    mine: true,
    tester: TESTER,
    optOuts: readOptOuts(""),
    dailyCap: 3,
    ...more,
  };
  return askConsent(question, { machine: MACHINE, resolver, memory });
}

const txt = (resolver: ScriptedResolver, of: string, text: string) =>
  resolver.has(name(`_gatepost-test.${of}`), "TXT", [Buffer.from(text)]);

test("a server of the domain that does not want it is left alone, though the domain does", async () => {
  const resolver = txt(new ScriptedResolver(), "example.org", TOKEN);
  assert.equal((await asked(resolver, { mine: false })).kind, "yes");
  const no = await asked(txt(resolver, "mx2.example.net", "no"));
  assert.ok(no.kind === "no" && no.why.includes("_gatepost-test.mx2.example.net"), no.kind);
});

test("where the DNS cannot say whether somebody wants it, nobody has said yes", async () => {
  for (const host of ["example.org", "mx.example.net"])
    for (const why of ["servfail", "timeout"] as const)
      for (const mine of [true, false]) {
        const resolver = txt(new ScriptedResolver(), "example.org", TOKEN);
        resolver.fails(name(`_gatepost-test.${host}`), "TXT", why);
        const error = await asked(resolver, { mine }).catch((e: unknown) => e);
        assert.ok(error instanceof OperatorError, host);
        assert.ok(error.message.includes(`_gatepost-test.${host}`) && error.message.includes(why));
      }
});

const CAUSE = { why: "it was reported", dailyCap: 1, setting: "suspects.requests_per_day" };
const ADDRESS = parseIp("192.0.2.1") as Ip; // it is one
const ALONE = { about: ADDRESS, endpoints: [endpoint("192.0.2.1")], mine: false };
const named = (resolver: ScriptedResolver) =>
  resolver.has(name("1.2.0.192.in-addr.arpa"), "PTR", [name("mx.example.net")]);

test("where there is a cause nobody has to agree, and neither web nor greeting is asked", async () => {
  const yes = await asked(new ScriptedResolver(), { ...ALONE, cause: CAUSE });
  assert.deepEqual(yes, { kind: "yes", because: "it was reported" });
});

test("with a cause too who says no is left alone, also by the name of his address; and the cause has a cap", async () => {
  const more = { ...ALONE, cause: CAUSE };
  const by = async (...of: Parameters<typeof asked>) => {
    const no = await asked(...of);
    return no.kind === "no" ? no.reason : no.kind;
  };
  const says = txt(named(new ScriptedResolver()), "mx.example.net", "no");
  assert.equal(await by(says, more), "opted out");
  for (const line of ["192.0.2.1", "mx.example.net"])
    assert.equal(await by(named(new ScriptedResolver()), { ...more, optOuts: readOptOuts(line) }), "opted out"); // prettier-ignore
  const memory = new MemoryOfNow();
  await memory.begin({ id: "1", about: ADDRESS, target: ADDRESS, at: MACHINE.clock.now(), asked: null }); // prettier-ignore
  assert.equal(await by(new ScriptedResolver(), more, memory), "cap reached");
});

test("where the DNS does not say how an address is called nothing is tested; a reverse zone that is broken holds no wish", async () => {
  const fails = (why: "servfail" | "timeout") =>
    new ScriptedResolver().fails(name("1.2.0.192.in-addr.arpa"), "PTR", why);
  const error = await asked(fails("timeout"), { ...ALONE, cause: CAUSE }).catch((e: unknown) => e);
  assert.ok(error instanceof NotTested && error.reason === "DNS does not answer");
  assert.equal((await asked(fails("servfail"), { ...ALONE, cause: CAUSE })).kind, "yes");
});

test("who has not been heard of for long has no wish, where the DNS answers about others", async () => {
  const question = { ...ALONE, cause: { ...CAUSE, unheard: true } } as const;
  const silent = [
    new ScriptedResolver().fails(name("1.2.0.192.in-addr.arpa"), "PTR", "timeout"),
    named(new ScriptedResolver()).fails(name("_gatepost-test.mx.example.net"), "TXT", "servfail"),
  ];
  for (const resolver of silent) {
    assert.equal((await asked(resolver, question)).kind, "yes");
    const error = await asked(resolver, { ...ALONE, cause: CAUSE }).catch((e: unknown) => e);
    assert.ok(error instanceof NotTested && error.reason === "DNS does not answer");
    resolver.fails(name("tester.example"), "MX", "timeout");
    await assert.rejects(asked(resolver, question), NotTested);
  }
  const says = txt(named(new ScriptedResolver()), "mx.example.net", "no");
  assert.equal((await asked(says, question)).kind, "no");
});

test("the local list counts for the domain, for each of its servers, and for each address", async () => {
  for (const line of ["Example.ORG.", "mx2.example.net", "192.0.2.2", "192.0.2.0/24"]) {
    const no = await asked(new ScriptedResolver(), { optOuts: readOptOuts(line) });
    assert.ok(no.kind === "no" && no.why.includes("local list"), line);
  }
  const optOuts = readOptOuts("example.net\n192.0.3.0/24");
  assert.equal((await asked(new ScriptedResolver(), { optOuts })).kind, "yes");
});
