/** MTA-STS: the record, the policy file, which servers it names, and which policy counts when. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  decideSts,
  isServerOf,
  parseStsPolicy,
  STS_MAX_AGE_LIMIT,
  STS_POLICY_OCTETS_LIMIT,
  STS_REFRESH_MS,
  STS_RETRY_MS,
  stsIdOf,
  stsRecordName,
  type StsPolicy,
} from "../../src/policy/identity/index.ts";
import { parseName, ROOT, type DnsName, type Resolution } from "../../src/protocol/dns/index.ts";

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const octets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const idOf = (...texts: string[]) => stsIdOf(texts.map(octets));
const policyOf = (text: string) => parseStsPolicy(octets(text));

describe("the record", () => {
  test("has an id", () => {
    assert.equal(stsRecordName("foreign.example"), "_mta-sts.foreign.example");
    for (const text of [
      "v=STSv1; id=20260101T1;",
      "v=STSv1; id=20260101T1",
      "v=STSv1;id=20260101T1 ;",
      "v=STSv1 ; \tid=20260101T1; more=x",
      "v=STSv1; more=x; id=20260101T1;",
    ])
      assert.equal(idOf(text), "20260101T1", text);
  });

  test("other records under the name do not matter", () => {
    assert.equal(idOf("v=spf1 -all", "v=STSv1; id=1", "v=STSv2; id=2", "v=STSv11; id=3"), "1");
  });

  test("two of them, or one with a fault, are none", () => {
    assert.equal(idOf(), undefined);
    assert.equal(idOf("v=STSv1; id=1", "v=STSv1; id=1"), undefined);
    for (const text of [
      "v=STSv1;",
      "v=STSv1; id=",
      "v=STSv1; id=1-2",
      `v=STSv1; id=${"1".repeat(33)}`,
      "v=STSv1; id=1; id=2",
      "V=STSv1; id=1",
      " v=STSv1; id=1",
      "v=STSv1 id=1",
      "v=STSv1; id = 1",
      "v=STSv1; id=1;;",
      "v=STSv1; id=1; a=b=c",
      "v=STSv1; id=1; \u00e9=1",
      `v=STSv1; id=1; a=${"x".repeat(3000)}`,
    ])
      assert.equal(idOf(text), undefined, text);
  });
});

const FILE = "version: STSv1\r\nmode: enforce\r\nmx: mx.foreign.example\r\nmax_age: 86400\r\n";

describe("the policy file", () => {
  test("says mode, servers, and for how long", () => {
    const read = {
      mode: "enforce",
      maxAge: 86_400,
      servers: [{ wildcard: false, name: name("mx.foreign.example") }],
    };
    assert.deepEqual(policyOf(FILE), read);
    assert.deepEqual(policyOf(FILE.replaceAll("\r\n", "\n")), read);
    assert.deepEqual(policyOf(FILE.trimEnd()), read);
    assert.deepEqual(policyOf(FILE.replaceAll(": ", ":")), read);
    assert.deepEqual(policyOf(FILE.replaceAll("\r\n", " \t\r\n")), read);
    assert.deepEqual(policyOf(FILE.replace("mx.foreign", "MX.Foreign")), read);
    assert.deepEqual(policyOf(`${FILE}mode: none\r\nmax_age: 1\r\nmore: \u00e9 x\r\n`), read);
  });

  test("may name several servers, and none where it says nothing", () => {
    const many = policyOf(`${FILE}mx: *.Other.example\r\n`);
    assert.deepEqual(many?.servers[1], { wildcard: true, name: name("other.example") });
    assert.deepEqual(policyOf("version: STSv1\nmode: none\nmax_age: 1\n")?.servers, []);
  });

  test("is believed for a year at most", () => {
    assert.equal(policyOf(FILE.replace("86400", "9999999999"))?.maxAge, STS_MAX_AGE_LIMIT);
    assert.equal(policyOf(FILE.replace("86400", "0"))?.maxAge, 0);
  });

  test("with a fault is none", () => {
    const swap = (from: string, to: string) => FILE.replace(from, to);
    for (const text of [
      "",
      "<html>not found</html>",
      swap("STSv1", "STSv2"),
      swap("version: STSv1\r\n", ""),
      swap("mode: enforce\r\n", ""),
      swap("enforce", "Enforce"),
      swap("enforce", "strict"),
      swap("max_age: 86400\r\n", ""),
      swap("86400", "-1"),
      swap("86400", "1e5"),
      swap("86400", "10000000000"),
      swap("mx: mx.foreign.example\r\n", ""),
      swap("mx.foreign.example", "mx.*.example"),
      swap("mx.foreign.example", "*"),
      swap("mx.foreign.example", "*."),
      swap("mx.foreign.example", "*.*.example"),
      swap("mx.foreign.example", "*mx.foreign.example"),
      swap("mx.foreign.example", "mx foreign.example"),
      swap("mx.foreign.example", ""),
      swap("mx: ", "mx "),
      swap("\r\nmode", "\r\n\r\nmode"),
      swap("\r\nmode", "\r\n mode"),
      `${FILE}mx: *\r\n`,
      `${FILE}x: \0\r\n`,
      `${FILE}${"x: y\n".repeat(STS_POLICY_OCTETS_LIMIT / 5)}`,
    ])
      assert.equal(policyOf(text), undefined, JSON.stringify(text.slice(0, 90)));
  });
});

test("a wildcard stands for one label, and for one only", () => {
  const policy = policyOf(`${FILE}mx: *.other.example\r\n`);
  assert.ok(policy !== undefined);
  const named = (host: string) => isServerOf(policy, name(host));
  assert.ok(named("mx.foreign.example"));
  assert.ok(named("MX.foreign.example"));
  assert.ok(named("a.other.example"));
  for (const host of [
    "other.example",
    "a.b.other.example",
    "aother.example",
    "foreign.example",
    "a.mx.foreign.example",
    "example",
  ])
    assert.ok(!named(host), host);
  assert.ok(!isServerOf(policy, ROOT));
});

// ---- Which policy counts ----

const NOW = 1_800_000_000_000;
const POLICY: StsPolicy = { mode: "enforce", maxAge: 7 * 86_400, servers: [] };
const WEEK_MS = POLICY.maxAge * 1000;

function txt(id: string): Resolution<"TXT"> {
  const records = [octets(`v=STSv1; id=${id};`)];
  return { kind: "found", name: ROOT, records, ttl: 300, authentic: false };
}

const SERVFAIL = { kind: "failed", why: "servfail" } as const;
const GONE = { kind: "no-such-name", ttl: 300, authentic: false } as const;
const since = (ms: number, id = "1") => ({
  remembered: { id, policy: POLICY, fetchedAt: NOW - ms },
});
const APPLY = { kind: "apply", policy: POLICY, refresh: false };

describe("which policy counts", () => {
  test("nothing remembered", () => {
    assert.deepEqual(decideSts({}, txt("1"), NOW), { kind: "fetch", id: "1" });
    assert.equal(decideSts({}, GONE, NOW).kind, "none");
    const unknown = decideSts({}, SERVFAIL, NOW);
    assert.deepEqual(unknown, {
      kind: "none",
      why: "no answer about an MTA-STS policy: servfail",
    });
  });

  test("one that is fresh holds, whatever the DNS says", () => {
    const bad: Resolution<"TXT"> = txt("nonsense!");
    for (const record of [txt("1"), GONE, SERVFAIL, bad])
      assert.deepEqual(decideSts(since(1000), record, NOW), APPLY);
  });

  test("another id is another policy; until it is there the old one holds", () => {
    const decision = decideSts(since(1000), txt("2"), NOW);
    assert.deepEqual(decision, { kind: "fetch", id: "2", otherwise: POLICY });
  });

  test("one that is over is none", () => {
    assert.deepEqual(decideSts(since(WEEK_MS), txt("1"), NOW), { kind: "fetch", id: "1" });
    for (const record of [GONE, SERVFAIL])
      assert.equal(decideSts(since(WEEK_MS), record, NOW).kind, "none");
    assert.deepEqual(decideSts(since(WEEK_MS - 1), GONE, NOW), APPLY);
  });

  test("one that grows old is fetched beside", () => {
    const refreshed = (ms: number) => decideSts(since(ms), txt("1"), NOW);
    assert.deepEqual(refreshed(STS_REFRESH_MS - 1), APPLY);
    assert.deepEqual(refreshed(STS_REFRESH_MS), { ...APPLY, refresh: true });
    assert.deepEqual(decideSts(since(STS_REFRESH_MS), GONE, NOW), APPLY);
    const short = { ...POLICY, maxAge: 600 };
    const remembered = { id: "1", policy: short, fetchedAt: NOW - 300_000 };
    const half = decideSts({ remembered }, txt("1"), NOW);
    assert.deepEqual(half, { kind: "apply", policy: short, refresh: true });
  });

  test("a web server that failed is left alone for a while; what is remembered holds", () => {
    const failedAt = NOW - STS_RETRY_MS + 1;
    const none = decideSts({ failedAt }, txt("1"), NOW);
    assert.deepEqual(none, {
      kind: "none",
      why: "the MTA-STS policy could not be had a short while ago",
    });
    assert.deepEqual(decideSts({ ...since(1000), failedAt }, txt("2"), NOW), APPLY);
    assert.deepEqual(decideSts({ ...since(STS_REFRESH_MS), failedAt }, txt("1"), NOW), APPLY);
    const again = decideSts({ failedAt: failedAt - 1 }, txt("1"), NOW);
    assert.deepEqual(again, { kind: "fetch", id: "1" });
  });
});
