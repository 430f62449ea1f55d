/** Where mail for a domain goes next: where the operator says so, else where the domain's own records lead. */
import { ipReach, type Domain, type Ip } from "../../mail/index.ts";
import type { DnsName } from "../../protocol/dns/index.ts";
import { trustKey, type CertificateTrust } from "./certificate-trust.ts";
import { socketText, type LmtpSocket } from "./lmtp.ts";

/** What is asked of TLS on the way to a server. "at once" is TLS from the first octet. */
export type TlsDemand = "off" | "opportunistic" | "required" | "at once";

/** LMTP (RFC 2033) is for what puts mail into mailboxes; everything else takes SMTP. */
export type RouteProtocol = "smtp" | "lmtp";

/** The operator's word: a host, or a socket of this machine, which takes LMTP and needs no TLS. */
export type RelayRoute = HostRoute | LmtpSocket;

export interface HostRoute {
  /** Left out, SMTP. */
  readonly protocol?: RouteProtocol;
  readonly host:
    | { readonly kind: "name"; readonly name: DnsName }
    | { readonly kind: "address"; readonly ip: Ip };
  readonly port: number;
  readonly tls: TlsDemand;
  /** Of a smart host that wants one. */
  readonly login?: { readonly name: string; readonly password: string };
  /** Left out: what `trustOf` says. */
  readonly trust?: CertificateTrust;
  /** Ours, shown to a host that asks for one. */
  readonly clientCertificate?: ClientCertificate;
}

/** PEM: its chain behind our own, and the private key of that. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of our own certificate's DER, in lower hexadecimal digits. */
  readonly sha256: string;
}

/** By domain; "*" is for all that have none of their own. */
export type RelayRoutes = ReadonlyMap<Domain | "*", RelayRoute>;

export type NextHop =
  | { readonly kind: "route"; readonly key: string; readonly route: RelayRoute }
  | { readonly kind: "domain"; readonly key: string; readonly domain: Domain };

/** Mail with the same key goes to the same place; the queue keeps it together. */
export function nextHop(domain: Domain, routes: RelayRoutes): NextHop {
  const route = routes.get(domain) ?? routes.get("*");
  return route === undefined
    ? { kind: "domain", key: domain, domain }
    : { kind: "route", key: routeText(route), route };
}

/**
 * A password is told to nobody who has not shown who he is: a route with a login asks for a certificate that this machine's
 * authorities vouch for, unless the operator says otherwise. What leads to our own loopback is nobody else's.
 */
export function trustOf({ trust, login, host }: HostRoute): CertificateTrust {
  if (trust !== undefined) return trust;
  // By what was written: a name that only the DNS leads to loopback is none.
  const loopback = host.kind === "address" && ipReach(host.ip) === "loopback";
  return login === undefined || loopback ? { kind: "any" } : { kind: "authority" };
}

/**
 * Mail with the same text may share a connection. Two routes to one place may ask different things of TLS, and what one of
 * them is content with is not for the other's mail.
 */
export function wayOf(next: NextHop): string {
  if (next.kind === "domain") return `domain ${next.key}`;
  const { key, route } = next;
  if ("socket" in route) return key;
  const { tls, clientCertificate } = route;
  const own = clientCertificate === undefined ? "" : ` as ${clientCertificate.sha256}`;
  return `${key} ${tls} ${trustKey(trustOf(route))}${own}`;
}

/** As it could be written in the configuration, without a password: mail with the same text goes to the same place. */
export function routeText(route: RelayRoute): string {
  if ("socket" in route) return socketText(route);
  const { protocol = "smtp", host, port, tls, login } = route;
  const name = host.kind === "name" ? host.name : `[${host.ip}]`;
  const scheme = tls === "at once" ? `${protocol}s` : protocol;
  return `${scheme}://${login === undefined ? "" : `${login.name}@`}${name}:${port}`;
}
