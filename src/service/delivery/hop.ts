/** The next hop as servers to try: from a route, or from a domain's MX records. */
import type { CarrierSecurity, Domain, Ip, SocketPath, Status } from "../../mail/index.ts";
import type { RequiredTls, Spoken, TlsWord } from "../../policy/identity/index.ts";
import {
  mailServers,
  trustOf,
  wayOf,
  type CertificateTrust,
  type HostRoute,
  type NextHop,
  type RelayRoute,
  type RouteProtocol,
  type TlsDemand,
} from "../../policy/routing/index.ts";
import { nameOfDomain, type DnsName, type Resolver } from "../../protocol/dns/index.ts";
import type { StsFound } from "./sts.ts";

export interface HostServer {
  /** For SNI and for people; an address where there is only that. */
  readonly host: string;
  readonly at:
    | { readonly kind: "name"; readonly name: DnsName }
    | { readonly kind: "address"; readonly ip: Ip };
}

export interface MailServer {
  /** Of a socket its path. */
  readonly host: string;
  readonly at: HostServer["at"] | { readonly kind: "socket"; readonly socket: SocketPath };
}

export interface Hop {
  /** Connections under one key may carry each other's mail. */
  readonly key: string;
  /** What it is called in a sentence. */
  readonly what: string;
  readonly protocol: RouteProtocol;
  /** Where its hosts listen; a socket has none, and it is 0. */
  readonly port: number;
  readonly login?: HostRoute["login"];
  readonly clientCertificate?: HostRoute["clientCertificate"];
  /** What its servers have to show. */
  readonly asked: RouteAsks | DomainAsks;
  /** The operator has said so: private addresses are meant, and a loop is his to mend. */
  readonly configured: boolean;
  /** In the order in which they are tried; those of one group have the same preference. */
  readonly groups: readonly (readonly MailServer[])[];
}

/** The operator's word for all of them. */
export interface RouteAsks {
  readonly kind: "route";
  readonly tls: TlsDemand;
  /** Whose certificate will do. */
  readonly trust: CertificateTrust;
  readonly security: CarrierSecurity;
}

/** What is known before the servers' own records are looked at. */
export interface DomainAsks extends Pick<Spoken, "nextHop" | "authentic" | "sts" | "word"> {
  readonly kind: "domain";
  readonly domain: Domain;
  /** Why no policy counts (MTA-STS). */
  readonly withoutSts?: string;
}

export type FoundHop =
  | { readonly kind: "hop"; readonly hop: Hop }
  | { readonly kind: "none"; readonly status: Status };

export interface HopDeps {
  readonly resolver: Resolver;
  readonly port: number;
  readonly isOwnName: (name: string) => boolean;
  readonly chance: () => number;
  /** The MTA-STS policy that counts for a domain now. */
  readonly sts: (domain: Domain) => Promise<StsFound>;
  /** What the operator requires for a domain that has no route. */
  readonly required: (domain: Domain) => TlsWord | undefined;
}

/** `requireTls`: the sender asks for verified servers all the way (RFC 8689). */
export async function findHop(
  next: NextHop,
  requireTls: boolean,
  deps: HopDeps,
): Promise<FoundHop> {
  if (next.kind === "route")
    return { kind: "hop", hop: routeHop(wayOf(next), next.route, requireTls) };
  return domainHop(next.domain, requireTls, deps);
}

function routeHop(way: string, route: RelayRoute, requireTls: boolean): Hop {
  if ("socket" in route) return socketHop(way, route.socket);
  const { protocol = "smtp", host, port, login, clientCertificate } = route;
  const name = host.kind === "name" ? host.name : host.ip;
  // LMTP delivers: behind it is no further hop (RFC 8689 is about relaying).
  const strict = requireTls && protocol === "smtp";
  return {
    key: strict ? `${way} verified` : way,
    what: name,
    protocol,
    port,
    ...(login !== undefined && { login }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    asked: strict ? strictly(route) : routeAsks(route),
    configured: true,
    groups: [[{ host: name, at: host }]],
  };
}

function routeAsks(route: HostRoute): RouteAsks {
  const { tls } = route;
  const trust = trustOf(route);
  return {
    kind: "route",
    tls,
    trust,
    security: { level: levelOf(tls, trust), why: "the route says so" },
  };
}

function levelOf(tls: TlsDemand, trust: CertificateTrust): CarrierSecurity["level"] {
  if (tls === "off") return "none";
  if (tls === "opportunistic") return "opportunistic";
  return trust.kind === "any" ? "encrypted" : "verified";
}

function strictly(route: HostRoute): RouteAsks {
  const { tls } = route;
  const trust = trustOf(route);
  return {
    kind: "route",
    tls: tls === "at once" ? tls : "required",
    trust: trust.kind === "any" ? { kind: "authority" } : trust,
    security: { level: "verified", why: `required by ${SENDER}` },
  };
}

/** In the clear: nobody is in between. And it delivers, as all LMTP does. */
function socketHop(key: string, socket: SocketPath): Hop {
  return {
    key,
    what: socket,
    protocol: "lmtp",
    port: 0,
    asked: {
      kind: "route",
      tls: "off",
      trust: { kind: "any" },
      security: { level: "none", why: "a socket of this machine" },
    },
    configured: true,
    groups: [[{ host: socket, at: { kind: "socket", socket } }]],
  };
}

const SENDER = "the sender (REQUIRETLS)";
const OPERATOR = "the setting delivery.require";

function requiredTls(bySender: boolean, configured: TlsWord | undefined): RequiredTls | undefined {
  if (bySender) return { what: "verified", by: SENDER };
  return configured && { what: configured, by: OPERATOR };
}

/** Domains with the same servers, of which nobody asks for anything, share their connections. */
async function domainHop(
  domain: Domain,
  requireTls: boolean,
  { resolver, port, isOwnName, chance, sts: stsOf, required }: HopDeps,
): Promise<FoundHop> {
  const nextHop = nameOfDomain(domain);
  const configured = required(domain);
  const [found, sts] = await Promise.all([
    resolver.resolve(nextHop, "MX"),
    configured === "opportunistic" && !requireTls ? undefined : stsOf(domain),
  ]);
  const servers = mailServers(domain, found, isOwnName, chance);
  if (servers.kind === "none") return servers;
  const authentic = found.kind !== "failed" && found.authentic;
  const word = requiredTls(requireTls, configured);
  const policy = sts?.policy?.mode === "none" ? undefined : sts?.policy;
  const withoutSts = policy === undefined ? (sts?.why ?? "MTA-STS mode none") : undefined;
  const { groups } = servers;
  const asked = authentic || word !== undefined || policy !== undefined;
  const hop: Hop = {
    // A connection that was made on nobody's word is not for a domain that asks for more.
    key: `mx ${asked ? `of ${nextHop} ${word?.what ?? ""} ${policy?.mode ?? ""} ` : ""}${groups.map((group) => group.toSorted().join(" ")).join(" > ")}`,
    what: domain,
    protocol: "smtp",
    port,
    asked: {
      kind: "domain",
      domain,
      nextHop,
      authentic,
      ...(word !== undefined && { word }),
      ...(policy !== undefined && { sts: policy }),
      ...(withoutSts !== undefined && { withoutSts }),
    },
    configured: false,
    groups: groups.map((group) =>
      group.map((name) => ({ host: name, at: { kind: "name", name } })),
    ),
  };
  return { kind: "hop", hop };
}
