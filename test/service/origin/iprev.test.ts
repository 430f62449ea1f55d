/** Forward-confirmed reverse DNS (RFC 8601 §3) in real sessions: the result, the level, and what follows where it is set. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NAMES_LIMIT } from "../../../src/service/authentication/iprev.ts";
import { OriginSite } from "./site.ts";
import type { Zone } from "./zone.ts";

const REVERSE = "7.100.51.198.in-addr.arpa";
const IP = "198.51.100.7";
const V6_REVERSE = `7.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `n${i}.example`);

interface IprevCase {
  readonly zone: Zone;
  readonly ip?: string;
  readonly result: "pass" | "fail" | "temperror" | "permerror";
}

const CASES: Readonly<Record<string, IprevCase>> = {
  "a name that leads back": {
    zone: { [REVERSE]: { PTR: ["mail.example"] }, "mail.example": { A: ["203.0.113.1", IP] } },
    result: "pass",
  },
  "an IPv6 address": {
    zone: { [V6_REVERSE]: { PTR: ["mail.example"] }, "mail.example": { AAAA: ["2001:db8::7"] } },
    ip: "2001:db8::7",
    result: "pass",
  },
  "the second of two names": {
    zone: { [REVERSE]: { PTR: ["no.example", "mail.example"] }, "mail.example": { A: [IP] } },
    result: "pass",
  },
  "a name beside one that nobody answers for": {
    zone: {
      [REVERSE]: { PTR: ["mute.example", "mail.example"] },
      "mail.example": { A: [IP] },
      "mute.example": { fails: ["A", "timeout"] },
    },
    result: "pass",
  },
  "a name that leads elsewhere": {
    zone: { [REVERSE]: { PTR: ["mail.example"] }, "mail.example": { A: ["203.0.113.1"] } },
    result: "fail",
  },
  "a name that is not there": { zone: { [REVERSE]: { PTR: ["mail.example"] } }, result: "fail" },
  "no name": { zone: {}, result: "permerror" },
  "a reverse zone that nobody answers for": {
    zone: { [REVERSE]: { fails: ["PTR", "servfail"] } },
    result: "temperror",
  },
  "a name that nobody answers for": {
    zone: { [REVERSE]: { PTR: ["mute.example"] }, "mute.example": { fails: ["A", "timeout"] } },
    result: "temperror",
  },
  "the last name that is looked at": {
    zone: {
      [REVERSE]: { PTR: names(NAMES_LIMIT) },
      [`n${NAMES_LIMIT - 1}.example`]: { A: [IP] },
    },
    result: "pass",
  },
  "the first that is not": {
    zone: { [REVERSE]: { PTR: names(NAMES_LIMIT + 1) }, [`n${NAMES_LIMIT}.example`]: { A: [IP] } },
    result: "fail",
  },
};

for (const [name, { zone, ip = IP, result }] of Object.entries(CASES))
  test(name, async () => {
    const arrived = await new OriginSite(zone).arrive({ ip });
    assert.match(arrived.reply, /^250 /);
    assert.equal(arrived.event?.iprev, result);
    assert.equal(arrived.event.level, result === "pass" ? "forward-confirmed" : "none");
    assert.deepEqual(arrived.marks, []);
    const told = arrived.results.find((text) => text.startsWith("iprev=")) ?? "";
    const address = ip.includes(":") ? `"${ip}"` : ip;
    assert.ok(
      told.startsWith(`iprev=${result} `) && told.endsWith(`policy.iprev=${address}`),
      told,
    );
    const marking = await new OriginSite(zone, { iprev: "mark" }).arrive({ ip });
    const odd = result === "fail" || result === "permerror";
    assert.deepEqual(marking.marks, result === "pass" ? [] : [`iprev=${result}`]);
    const site = new OriginSite(zone, { iprev: "refuse", dnsFailure: "defer" });
    const strict = await site.arrive({ ip });
    const expected = odd ? "550 5.7.25 " : result === "pass" ? "250 " : "451 4.7.25 ";
    assert.ok(strict.reply.startsWith(expected), strict.reply);
  });
