/** Forward-confirmed reverse DNS (iprev, RFC 8601 §3): the address has a name, and that name the address. */
import { isIpv6, type Ip } from "../../mail/index.ts";
import { reverseName, type DnsName, type Resolver } from "../../protocol/dns/index.ts";

/** RFC 8601 §2.7.3. "permerror": the address has no name at all. */
export type IprevResult = "pass" | "fail" | "temperror" | "permerror";

export interface Iprev {
  readonly result: IprevResult;
  /** The name that is confirmed. */
  readonly name?: DnsName;
}

/** Names of one address that are looked at (RFC 7208 §4.6.4 has the same number). */
export const NAMES_LIMIT = 10;

/** Does not reject. Asks at most 1 + `NAMES_LIMIT` questions, all of the second kind at once. */
export async function iprev(ip: Ip, resolver: Resolver): Promise<Iprev> {
  const named = await resolver.resolve(reverseName(ip), "PTR");
  if (named.kind === "failed") return { result: "temperror" };
  if (named.kind !== "found") return { result: "permerror" };
  const type = isIpv6(ip) ? "AAAA" : "A";
  const names = [...new Set(named.records)].slice(0, NAMES_LIMIT);
  const forward = await Promise.all(names.map(async (name) => resolver.resolve(name, type)));
  const confirmed = forward.findIndex((it) => it.kind === "found" && it.records.includes(ip));
  const name = names[confirmed];
  if (name !== undefined) return { result: "pass", name };
  return { result: forward.some(({ kind }) => kind === "failed") ? "temperror" : "fail" };
}
