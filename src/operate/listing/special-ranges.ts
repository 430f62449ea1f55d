/**
 * Addresses that no list of hosts has a reason to hold: they are nobody's, or everybody's own (IANA's special-purpose registries, RFC 6890;
 * RFC 6471 §3.5 asks that a list says how it does with them).
 */
import { parseSubjects, type Subject } from "./subject.ts";

interface SpecialRange {
  readonly subject: Subject;
  readonly what: string;
}

const RANGES: readonly (readonly [string, string])[] = [
  ["0.0.0.0/8", "this network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "behind a provider's NAT"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "for protocols"],
  ["192.0.2.0/24", "for documentation"],
  ["192.88.99.0/24", "6to4 relays that were"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "for benchmarks"],
  ["198.51.100.0/24", "for documentation"],
  ["203.0.113.0/24", "for documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  // Of IPv6 only 2000::/3 is given out.
  ["::/3", "not given out as addresses of hosts: loopback, NAT64 and others"],
  ["4000::/2", "not given out"],
  ["8000::/1", "not given out as addresses of hosts: private, link-local, multicast and others"],
  ["2001::/23", "for protocols, Teredo among them"],
  ["2001:db8::/32", "for documentation"],
  ["2002::/16", "6to4: another one's IPv4 address"],
  ["3fff::/20", "for documentation"],
];

export const SPECIAL_RANGES: readonly SpecialRange[] = RANGES.flatMap(([text, what]) => {
  const subjects = parseSubjects(text, "addresses");
  if (typeof subjects === "string") throw new Error(`${text}: ${subjects}`); // our own table
  return subjects.map((subject) => ({ subject, what }));
});
