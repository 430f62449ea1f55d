/** The way back: each address has a name (PTR) that leads to the address again. Other servers refuse mail where it does not. */
import { isIpv6, type Ip } from "../../mail/index.ts";
import {
  nameOfDomain,
  reverseName,
  type DnsName,
  type Resolver,
} from "../../protocol/dns/index.ts";
import type { DomainFacts } from "./facts.ts";
import {
  failureText,
  RIGHT,
  right,
  unknown,
  wrong,
  type Finding,
  type Judgement,
} from "./finding.ts";
import { nameText } from "./presentation.ts";

/** Names of one address that are followed; more is somebody's mistake. */
const NAMES_LIMIT = 10;

/** Of this machine's public addresses; where it knows none, of those that its name has in the DNS. */
export async function checkReverse(
  { hostname, addresses }: DomainFacts,
  resolver: Resolver,
): Promise<readonly Finding[]> {
  const host = nameOfDomain(hostname);
  const known = addresses.length > 0 ? addresses : await addressesAt(host, resolver);
  return Promise.all(known.toSorted().map((ip) => checkAddress(ip, host, resolver)));
}

async function checkAddress(ip: Ip, host: DnsName, resolver: Resolver): Promise<Finding> {
  const common = { subject: `${ip} PTR`, wanted: [nameText(host)] };
  const pointers = await resolver.resolve(reverseName(ip), "PTR");
  if (pointers.kind === "failed")
    return { ...common, found: [], ...unknown(failureText(pointers.why)) };
  if (pointers.kind !== "found") return { ...common, found: [], verdict: "missing" };
  const names = pointers.records.slice(0, NAMES_LIMIT);
  const ways = await Promise.all(names.map((name) => leadsTo(name, ip, resolver)));
  const confirmed = names.filter((_, n) => ways[n] === "there");
  const failed = ways.includes("unknown");
  return { ...common, found: names.map(nameText), ...judge(host, confirmed, failed) };
}

function judge(host: DnsName, confirmed: readonly DnsName[], failed: boolean): Judgement {
  if (confirmed.includes(host)) return RIGHT;
  const [other] = confirmed;
  if (other !== undefined)
    return right(`${nameText(other)} leads back to it, but it is not the name that we greet with`);
  if (failed) return unknown("whether the name leads back to the address is not known");
  return wrong("the name does not lead back to the address");
}

async function leadsTo(
  name: DnsName,
  ip: Ip,
  resolver: Resolver,
): Promise<"there" | "elsewhere" | "unknown"> {
  const there = await resolver.resolve(name, isIpv6(ip) ? "AAAA" : "A");
  if (there.kind === "failed") return "unknown";
  return there.kind === "found" && there.records.includes(ip) ? "there" : "elsewhere";
}

async function addressesAt(name: DnsName, resolver: Resolver): Promise<readonly Ip[]> {
  const [a, aaaa] = await Promise.all([
    resolver.resolve(name, "A"),
    resolver.resolve(name, "AAAA"),
  ]);
  return [a, aaaa].flatMap((there) => (there.kind === "found" ? there.records : []));
}
