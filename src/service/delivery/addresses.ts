/**
 * A mail server's addresses: A and AAAA asked together, given in turns, IPv6 first (RFC 8305 §4), so that the second to be
 * tried is of the other family. Private ones are refused unless somebody said otherwise; our own are told apart.
 */
import { ipReach, type Ip, type Status } from "../../mail/index.ts";
import type { Endpoint, TcpEndpoint } from "../../net/index.ts";
import { dnsFailed } from "../../policy/routing/index.ts";
import type { Resolution, Resolver } from "../../protocol/dns/index.ts";
import type { HostServer, MailServer } from "./hop.ts";
import { noAddress, privateAddress } from "./statuses.ts";

export type Addresses<At extends Endpoint = TcpEndpoint> =
  | {
      readonly kind: "addresses";
      readonly endpoints: readonly At[];
      /** Which they came from; none for an address or a socket that stood there. */
      readonly answers: readonly Resolution<"A" | "AAAA">[];
    }
  /** It is us. */
  | { readonly kind: "own" }
  | { readonly kind: "none"; readonly status: Status };

export interface AddressRules {
  readonly port: number;
  readonly privateAllowed: boolean;
  readonly isOwn: (ip: Ip) => boolean;
}

/** A socket is on this machine because the operator has said so. */
export async function placesOf(
  { host, at }: MailServer,
  resolver: Resolver,
  rules: AddressRules,
): Promise<Addresses<Endpoint>> {
  return at.kind === "socket"
    ? { kind: "addresses", endpoints: [at], answers: [] }
    : addressesOf({ host, at }, resolver, rules);
}

export async function addressesOf(
  { host, at }: HostServer,
  resolver: Resolver,
  rules: AddressRules,
): Promise<Addresses> {
  if (at.kind === "address") return admitted(host, [at.ip], [], rules);
  const [v6, v4] = await Promise.all([
    resolver.resolve(at.name, "AAAA"),
    resolver.resolve(at.name, "A"),
  ]);
  const ips = inTurns(recordsOf(v6), recordsOf(v4));
  if (ips.length > 0) return admitted(host, ips, [v6, v4], rules);
  const failed = [v6, v4].find((resolution) => resolution.kind === "failed");
  return {
    kind: "none",
    status: failed?.kind === "failed" ? dnsFailed(host, failed.why) : noAddress(host),
  };
}

function admitted(
  host: string,
  ips: readonly Ip[],
  answers: readonly Resolution<"A" | "AAAA">[],
  { port, privateAllowed, isOwn }: AddressRules,
): Addresses {
  if (ips.some(isOwn)) return { kind: "own" };
  const left = ips.filter((ip) => !isNowhere(ip) && (privateAllowed || ipReach(ip) === "public"));
  if (left.length > 0)
    return { kind: "addresses", endpoints: left.map((ip) => ({ ip, port })), answers };
  return { kind: "none", status: privateAddress(host, ips) };
}

/** The system takes these for loopback; as an address of somebody they are nonsense. */
function isNowhere(ip: Ip): boolean {
  return ip === "0.0.0.0" || ip === "::";
}

function recordsOf(resolution: Resolution<"A" | "AAAA">): readonly Ip[] {
  return resolution.kind === "found" ? resolution.records : [];
}

function inTurns(first: readonly Ip[], second: readonly Ip[]): Ip[] {
  const turns = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [
    first[i],
    second[i],
  ]);
  return [...new Set(turns.flat().filter((ip) => ip !== undefined))];
}
