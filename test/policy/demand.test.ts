/** What is demanded of a connection to a mail server: DANE, MTA-STS, where TLS is offered, and what somebody requires, together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  demandFor,
  type Dane,
  type Demand,
  type Spoken,
  type StsPolicy,
  type TlsWord,
} from "../../src/policy/identity/index.ts";
import { parseName, type DnsName } from "../../src/protocol/dns/index.ts";

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const SERVER = name("mx.foreign.example");
const DOMAIN = name("foreign.example");
const RECORDS = [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) }];

const DANES: Readonly<Record<string, Dane>> = {
  "no DANE": { kind: "none", why: "no authentic TLSA records" },
  servfail: { kind: "wait", why: "servfail" },
  "useless TLSA": { kind: "encrypt", why: "of no use" },
  TLSA: { kind: "verify", base: SERVER, records: RECORDS },
};

function sts(mode: StsPolicy["mode"], server = SERVER): StsPolicy {
  return { mode, maxAge: 86_400, servers: [{ wildcard: false, name: server }] };
}

const OTHER = name("mx.other.example");
const STSES: Readonly<Record<string, StsPolicy | undefined>> = {
  "no STS": undefined,
  none: sts("none"),
  testing: sts("testing"),
  enforce: sts("enforce"),
  "enforce other": sts("enforce", OTHER),
};

function spoken(dane: string, policy: string, more: Partial<Spoken> = {}): Spoken {
  const [said, published] = [DANES[dane], STSES[policy]];
  assert.ok(said !== undefined);
  return {
    server: SERVER,
    nextHop: DOMAIN,
    authentic: true,
    dane: said,
    ...(published !== undefined && { sts: published }),
    ...more,
  };
}

/** "required, pkix mx.foreign.example" */
function short(demand: Demand): string {
  if (demand.kind === "not this server") return "not this server";
  const { tls, verify, tested } = demand;
  const who = verify.kind === "none" ? "" : ` ${verify.names.join(" ")}`;
  return `${tls}, ${verify.kind}${who}${tested === undefined ? "" : ", tested"}`;
}

const VERIFIED = { what: "verified", by: "somebody" } as const;
const ALL = "dane mx.foreign.example foreign.example";
const OWN = "pkix mx.foreign.example";
const BOTH = "pkix mx.foreign.example foreign.example";

test("DANE, then MTA-STS, then what is offered; what is required comes on top", () => {
  const rows: [string, string, TlsWord | undefined, string][] = [
    ["no DANE", "no STS", undefined, "opportunistic, none"],
    ["no DANE", "none", undefined, "opportunistic, none"],
    ["no DANE", "testing", undefined, "opportunistic, none, tested"],
    ["no DANE", "enforce", undefined, `required, ${OWN}`],
    ["no DANE", "enforce other", undefined, "not this server"],
    ["servfail", "no STS", undefined, "not this server"],
    ["servfail", "enforce", undefined, "not this server"],
    ["useless TLSA", "no STS", undefined, "required, none"],
    ["useless TLSA", "testing", undefined, "required, none, tested"],
    ["useless TLSA", "enforce", undefined, `required, ${OWN}`],
    ["TLSA", "no STS", undefined, `required, ${ALL}`],
    ["TLSA", "enforce", undefined, `required, ${ALL}`],
    ["TLSA", "enforce other", undefined, `required, ${ALL}`],
    ["no DANE", "no STS", "encrypted", "required, none"],
    ["no DANE", "testing", "encrypted", "required, none, tested"],
    ["no DANE", "enforce", "encrypted", `required, ${OWN}`],
    ["TLSA", "no STS", "encrypted", `required, ${ALL}`],
    ["no DANE", "no STS", "verified", `required, ${BOTH}`],
    ["no DANE", "testing", "verified", `required, ${BOTH}, tested`],
    ["no DANE", "enforce", "verified", `required, ${OWN}`],
    ["useless TLSA", "no STS", "verified", `required, ${BOTH}`],
    ["TLSA", "no STS", "verified", `required, ${ALL}`],
    ["servfail", "no STS", "verified", "not this server"],
    ["TLSA", "enforce", "opportunistic", "opportunistic, none"],
    ["servfail", "testing", "opportunistic", "opportunistic, none"],
  ];
  for (const [dane, policy, word, wanted] of rows) {
    const more = word === undefined ? {} : { word: { what: word, by: "somebody" } };
    const demand = demandFor(spoken(dane, policy, more));
    assert.equal(short(demand), wanted, `${dane}, ${policy}, ${word}`);
    assert.notEqual(demand.why, "");
  }
});

test("a name out of MX records that anybody may have forged proves nothing", () => {
  const demand = demandFor(spoken("no DANE", "no STS", { authentic: false, word: VERIFIED }));
  assert.equal(short(demand), "required, pkix foreign.example");
  const tested = demandFor(spoken("no DANE", "testing", { authentic: false, word: VERIFIED }));
  assert.equal(short(tested), `required, ${BOTH}, tested`);
});

test("a policy that is tested says whether the server is one of its own", () => {
  for (const [server, ownServer] of [
    [SERVER, true],
    [OTHER, false],
  ] as const) {
    const demand = demandFor(spoken("no DANE", "testing", { server }));
    assert.ok(demand.kind === "connect");
    assert.deepEqual(demand.tested, { ownServer, names: [server] });
  }
});
