/** Where mail for a domain goes next: where the operator says so, else where the domain's own records lead. */
import type { Domain, Ip } from "../../mail/index.ts";
import type { DnsName } from "../../protocol/dns/index.ts";

/** What is asked of TLS on the way to a server. "at once" is TLS from the first octet. */
export type TlsDemand = "off" | "opportunistic" | "required" | "at once";

/** LMTP (RFC 2033) is for what puts mail into mailboxes; everything else takes SMTP. */
export type RouteProtocol = "smtp" | "lmtp";

/** Where LMTP is by custom; on SMTP's port it MUST NOT be (RFC 2033 §5). */
export const LMTP_PORT = 24;
export const SMTP_PORT = 25;

/** The operator's word. */
export interface RelayRoute {
  /** Left out, SMTP. */
  readonly protocol?: RouteProtocol;
  readonly host:
    | { readonly kind: "name"; readonly name: DnsName }
    | { readonly kind: "address"; readonly ip: Ip };
  readonly port: number;
  readonly tls: TlsDemand;
  /** Of a smart host that wants one. */
  readonly login?: { readonly name: string; readonly password: string };
}

/** By domain; "*" is for all that have none of their own. */
export type RelayRoutes = ReadonlyMap<Domain | "*", RelayRoute>;

export type NextHop =
  | { readonly kind: "route"; readonly key: string; readonly route: RelayRoute }
  | { readonly kind: "domain"; readonly key: string; readonly domain: Domain };

/** Mail with the same key goes the same way, and can go together. */
export function nextHop(domain: Domain, routes: RelayRoutes): NextHop {
  const route = routes.get(domain) ?? routes.get("*");
  return route === undefined
    ? { kind: "domain", key: domain, domain }
    : { kind: "route", key: routeText(route), route };
}

/** As it could be written in the configuration, without a password: mail with the same text goes the same way. */
export function routeText({ protocol = "smtp", host, port, tls, login }: RelayRoute): string {
  const name = host.kind === "name" ? host.name : `[${host.ip}]`;
  const scheme = tls === "at once" ? `${protocol}s` : protocol;
  return `${scheme}://${login === undefined ? "" : `${login.name}@`}${name}:${port}`;
}
