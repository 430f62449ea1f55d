/** The next hop as servers to try: from a route, or from a domain's MX records. */
import type { Domain, Ip, Status } from "../../mail/index.ts";
import {
  mailServers,
  trustOf,
  wayOf,
  type CertificateTrust,
  type NextHop,
  type RelayRoute,
  type RouteProtocol,
  type TlsDemand,
} from "../../policy/routing/index.ts";
import { nameOfDomain, type DnsName, type Resolver } from "../../protocol/dns/index.ts";

export interface MailServer {
  /** For SNI and for people; an address where there is only that. */
  readonly host: string;
  readonly at:
    | { readonly kind: "name"; readonly name: DnsName }
    | { readonly kind: "address"; readonly ip: Ip };
}

export interface Hop {
  /** Connections under one key may carry each other's mail. */
  readonly key: string;
  /** What it is called in a sentence. */
  readonly what: string;
  readonly protocol: RouteProtocol;
  readonly port: number;
  readonly tls: TlsDemand;
  readonly login?: RelayRoute["login"];
  /** Whose certificate will do. */
  readonly trust: CertificateTrust;
  /** The domain, where its MX records (or that it has none) are authentic. */
  readonly signed?: DnsName;
  /** The operator has said so: private addresses are meant, and a loop is his to mend. */
  readonly configured: boolean;
  /** In the order in which they are tried; those of one group have the same preference. */
  readonly groups: readonly (readonly MailServer[])[];
}

export type FoundHop =
  | { readonly kind: "hop"; readonly hop: Hop }
  | { readonly kind: "none"; readonly status: Status };

export interface HopDeps {
  readonly resolver: Resolver;
  readonly port: number;
  readonly isOwnName: (name: string) => boolean;
  readonly chance: () => number;
}

export async function findHop(next: NextHop, deps: HopDeps): Promise<FoundHop> {
  if (next.kind === "route") return { kind: "hop", hop: routeHop(wayOf(next), next.route) };
  return domainHop(next.domain, deps);
}

function routeHop(key: string, route: RelayRoute): Hop {
  const { protocol = "smtp", host, port, tls, login } = route;
  const name = host.kind === "name" ? host.name : host.ip;
  return {
    key,
    what: name,
    protocol,
    port,
    tls,
    ...(login !== undefined && { login }),
    trust: trustOf(route),
    configured: true,
    groups: [[{ host: name, at: host }]],
  };
}

/** Domains with the same servers share their connections. */
async function domainHop(
  domain: Domain,
  { resolver, port, isOwnName, chance }: HopDeps,
): Promise<FoundHop> {
  const found = await resolver.resolve(nameOfDomain(domain), "MX");
  const servers = mailServers(domain, found, isOwnName, chance);
  if (servers.kind === "none") return servers;
  const { groups } = servers;
  const signed = found.kind !== "failed" && found.authentic ? nameOfDomain(domain) : undefined;
  const hop: Hop = {
    // A connection that was made on the word of unsigned records is not for a domain whose records are signed.
    key: `mx ${signed === undefined ? "" : `of ${signed} `}${groups.map((group) => group.toSorted().join(" ")).join(" > ")}`,
    what: domain,
    protocol: "smtp",
    port,
    tls: "opportunistic",
    trust: { kind: "any" },
    ...(signed !== undefined && { signed }),
    configured: false,
    groups: groups.map((group) =>
      group.map((name) => ({ host: name, at: { kind: "name", name } })),
    ),
  };
  return { kind: "hop", hop };
}
