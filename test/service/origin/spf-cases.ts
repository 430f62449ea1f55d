/** Senders, the records of their domains, and what SPF (RFC 7208) says of a client at 198.51.100.7 or 2001:db8::7. */
import type { Zone } from "./zone.ts";

export interface SpfCase {
  /** The record of `NAME.spf.example`, whose mail it is. */
  readonly record?: string;
  readonly zone?: Zone;
  readonly ip?: string;
  readonly helo?: string;
  /** MAIL FROM, where it is not a@NAME.spf.example. */
  readonly sender?: string;
  readonly result: string;
  /** What pyspf says instead, and why. */
  readonly pyspf?: readonly [result: string, why: string];
}

export const V4 = "198.51.100.7";
export const V6 = "2001:db8::7";

const many = (count: number, term: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => term(i)).join(" ");

const hosts = (count: number, name: (i: number) => string, ip: string): Zone =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), { A: [ip] }]));

export const SPF_CASES: Readonly<Record<string, SpfCase>> = {
  "an address": { record: "v=spf1 ip4:198.51.100.7 -all", result: "pass" },
  "a block": { record: "v=spf1 ip4:198.51.100.0/24 -all", result: "pass" },
  "another block": { record: "v=spf1 ip4:203.0.113.0/24 -all", result: "fail" },
  "a soft failure": { record: "v=spf1 ~all", result: "softfail" },
  "said to be neutral": { record: "v=spf1 ?all", result: "neutral" },
  "nothing that fits": { record: "v=spf1 ip4:203.0.113.9", result: "neutral" },
  everybody: { record: "v=spf1 +all", result: "pass" },
  "no record": { result: "none" },
  "another record alone": { record: "v=spf10 -all", result: "none" },
  "a record of another kind": { record: "spf2.0/pra -all", result: "none" },
  "in capital letters": { record: "V=SPF1 IP4:198.51.100.7 -ALL", result: "pass" },
  "an IPv6 address": { record: "v=spf1 ip6:2001:db8::7 -all", ip: V6, result: "pass" },
  "an IPv6 block": { record: "v=spf1 ip6:2001:db8::/32 -all", ip: V6, result: "pass" },
  "IPv6 against IPv4": { record: "v=spf1 ip4:0.0.0.0/0 -all", ip: V6, result: "fail" },
  "an IPv4-mapped client": {
    record: "v=spf1 ip4:198.51.100.7 -all",
    ip: "::ffff:198.51.100.7",
    result: "pass",
  },
  "the domain's own address": {
    record: "v=spf1 a -all",
    zone: { "own.spf.example": { A: [V4] } },
    sender: "a@own.spf.example",
    result: "pass",
  },
  "a host's address": {
    record: "v=spf1 a:host.example -all",
    zone: { "host.example": { A: ["203.0.113.1", V4] } },
    result: "pass",
  },
  "a host's IPv6 address": {
    record: "v=spf1 a:host.example -all",
    zone: { "host.example": { A: [V4], AAAA: [V6] } },
    ip: V6,
    result: "pass",
  },
  "a host's neighbours": {
    record: "v=spf1 a:host.example/24 -all",
    zone: { "host.example": { A: ["198.51.100.200"] } },
    result: "pass",
  },
  "another host": {
    record: "v=spf1 a:host.example -all",
    zone: { "host.example": { A: ["203.0.113.1"] } },
    result: "fail",
  },
  "mail servers": {
    record: "v=spf1 mx:host.example -all",
    zone: { "host.example": { MX: ["m1.example", "m2.example"] }, "m2.example": { A: [V4] } },
    result: "pass",
  },
  "other mail servers": {
    record: "v=spf1 mx:host.example -all",
    zone: { "host.example": { MX: ["m1.example"] }, "m1.example": { A: ["203.0.113.1"] } },
    result: "fail",
  },
  "eleven mail servers": {
    record: "v=spf1 mx:host.example -all",
    zone: {
      "host.example": { MX: Array.from({ length: 11 }, (_, i) => `m${i}.example`) },
      ...hosts(11, (i) => `m${i}.example`, "203.0.113.1"),
    },
    result: "permerror",
  },
  "an include that passes": {
    record: "v=spf1 include:other.example -all",
    zone: { "other.example": { TXT: ["v=spf1 ip4:198.51.100.7 -all"] } },
    result: "pass",
  },
  "an include that fails": {
    record: "v=spf1 include:other.example ~all",
    zone: { "other.example": { TXT: ["v=spf1 -all"] } },
    result: "softfail",
  },
  "an include that is to fail": {
    record: "v=spf1 -include:other.example +all",
    zone: { "other.example": { TXT: ["v=spf1 +all"] } },
    result: "fail",
  },
  "an include without a record": {
    record: "v=spf1 include:other.example -all",
    result: "permerror",
  },
  "an include that nobody answers for": {
    record: "v=spf1 include:other.example -all",
    zone: { "other.example": { fails: ["TXT", "timeout"] } },
    result: "temperror",
  },
  "an include of itself": { record: "v=spf1 include:%{o} -all", result: "permerror" },
  "a redirect": {
    record: "v=spf1 redirect=other.example",
    zone: { "other.example": { TXT: ["v=spf1 ip4:198.51.100.7 -all"] } },
    result: "pass",
  },
  "a redirect that fails": {
    record: "v=spf1 redirect=other.example",
    zone: { "other.example": { TXT: ["v=spf1 -all"] } },
    result: "fail",
  },
  "a redirect without a record": { record: "v=spf1 redirect=other.example", result: "permerror" },
  "a redirect behind all": {
    record: "v=spf1 ~all redirect=other.example",
    zone: { "other.example": { TXT: ["v=spf1 +all"] } },
    result: "softfail",
  },
  "a name that exists": {
    record: "v=spf1 exists:%{i}.list.example -all",
    zone: { "198.51.100.7.list.example": { A: ["127.0.0.2"] } },
    result: "pass",
  },
  "the address turned round": {
    record: "v=spf1 exists:%{ir}.%{v}.list.example -all",
    zone: { "7.100.51.198.in-addr.list.example": { A: ["127.0.0.2"] } },
    result: "pass",
  },
  "an IPv6 address in nibbles": {
    record: "v=spf1 exists:%{ir}.%{v}.list.example -all",
    zone: {
      [`7.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.list.example`]: { A: ["127.0.0.2"] },
    },
    ip: V6,
    result: "pass",
  },
  "parts of names": {
    record: "v=spf1 exists:%{l1r-}.%{d2}.%{h}.list.example -all",
    zone: { "ann.spf.example.client.example.list.example": { A: ["127.0.0.2"] } },
    sender: "ann-tag@parts.spf.example",
    result: "pass",
  },
  "a macro that is none": { record: "v=spf1 exists:%{x}.list.example -all", result: "permerror" },
  "a name of the address": {
    record: "v=spf1 ptr -all",
    zone: {
      "7.100.51.198.in-addr.arpa": { PTR: ["mail.name.spf.example"] },
      "mail.name.spf.example": { A: [V4] },
    },
    sender: "a@name.spf.example",
    result: "pass",
  },
  "a name that is claimed": {
    record: "v=spf1 ptr -all",
    zone: { "7.100.51.198.in-addr.arpa": { PTR: ["mail.claim.spf.example"] } },
    sender: "a@claim.spf.example",
    result: "fail",
  },
  "two records": {
    zone: { "two.spf.example": { TXT: ["v=spf1 +all", "v=spf1 -all"] } },
    sender: "a@two.spf.example",
    result: "permerror",
  },
  "a term that nobody knows": { record: "v=spf1 ipv4:198.51.100.7 -all", result: "permerror" },
  "an address that is none": { record: "v=spf1 ip4:198.51.100 -all", result: "permerror" },
  "a fault behind the match": { record: "v=spf1 +all ip4:1.2.3", result: "permerror" },
  "a modifier that nobody knows": {
    record: "v=spf1 moo=cow ip4:198.51.100.7 -all",
    result: "pass",
  },
  "ten lookups": {
    record: `v=spf1 ${many(10, (i) => `a:h${i}.example`)} ip4:198.51.100.7 -all`,
    zone: hosts(10, (i) => `h${i}.example`, "203.0.113.1"),
    result: "pass",
  },
  "eleven lookups": {
    record: `v=spf1 ${many(11, (i) => `a:h${i}.example`)} ip4:198.51.100.7 -all`,
    zone: hosts(11, (i) => `h${i}.example`, "203.0.113.1"),
    result: "permerror",
  },
  "two lookups that find nothing": {
    record: "v=spf1 a:n1.example a:n2.example ip4:198.51.100.7 -all",
    result: "pass",
  },
  "three lookups that find nothing": {
    record: "v=spf1 a:n1.example a:n2.example a:n3.example ip4:198.51.100.7 -all",
    result: "permerror",
  },
  "a host that nobody answers for": {
    record: "v=spf1 a:host.example -all",
    zone: { "host.example": { fails: ["A", "servfail"] } },
    result: "temperror",
  },
  "a record that nobody answers for": {
    zone: { "mute.spf.example": { fails: ["TXT", "servfail"] } },
    sender: "a@mute.spf.example",
    result: "temperror",
  },
  "the null path of a host that may": {
    zone: { "client.example": { TXT: ["v=spf1 ip4:198.51.100.7 -all"] } },
    sender: "",
    result: "pass",
  },
  "the null path of a host that may not": {
    zone: { "client.example": { TXT: ["v=spf1 -all"] } },
    sender: "",
    result: "fail",
  },
  "the null path of an address": { sender: "", helo: "[198.51.100.7]", result: "none" },
  "the null path of a word": { sender: "", helo: "localhost", result: "none" },
  "an explanation": {
    record: "v=spf1 -all exp=why.example",
    zone: { "why.example": { TXT: ["%{i} may not"] } },
    result: "fail",
  },
  "a record of 5000 octets": {
    record: `v=spf1 ${"ip4:203.0.113.1 ".repeat(320)}-all`,
    result: "none",
    pyspf: ["fail", "no TXT record of more than 4,096 octets is looked at here"],
  },
  "a record of 4000 octets": {
    record: `v=spf1 ${"ip4:203.0.113.1 ".repeat(248)}-all`,
    result: "fail",
  },
  "letters above ASCII": { record: "v=spf1 a:gr\u00fc\u00dfe.example -all", result: "permerror" },
  "a name that is too long for the DNS": {
    record: `v=spf1 exists:${"%{l}".repeat(8)}.list.example -all`,
    sender: `${"a".repeat(60)}@long.spf.example`,
    result: "fail",
  },
};

/** The whole zone of a case, its own record in it. */
export function spfZone(
  name: string,
  { record, zone = {}, sender = senderOf(name) }: SpfCase,
): Zone {
  if (record === undefined) return zone;
  const domain = sender.split("@")[1] ?? "";
  return { ...zone, [domain]: { ...zone[domain], TXT: [record] } };
}

export function senderOf(name: string): string {
  return `a@${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.spf.example`;
}
