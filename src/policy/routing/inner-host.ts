/** Where the mailboxes of a gateway domain are: a host that the operator has named, never one that the DNS names by itself. */
import { isIpv6, parseDomain, parseIp, type Domain, type Ip } from "../../mail/index.ts";
import { parseName } from "../../protocol/dns/index.ts";
import {
  LMTP_PORT,
  SMTP_PORT,
  type RelayRoute,
  type RelayRoutes,
  type RouteProtocol,
} from "./next-hop.ts";

export interface InnerHost {
  readonly protocol: RouteProtocol;
  readonly host: Ip | Domain;
  readonly port: number;
}

/**
 * "10.0.0.5", "smtp://10.0.0.5:2525", "smtp://[2001:db8::5]:25", "inner.example.net", "lmtp://127.0.0.1:24"; undefined for
 * anything else.
 */
export function parseInnerHost(text: string): InnerHost | undefined {
  const protocol = /^lmtp:\/\//i.test(text) ? "lmtp" : "smtp";
  const usual = protocol === "lmtp" ? LMTP_PORT : SMTP_PORT;
  const bare = text.replace(/^(?:smtp|lmtp):\/\//i, "");
  const v6 = parseIp(bare);
  if (v6 !== undefined) return { protocol, host: v6, port: usual };
  const [, literal, name, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::([1-9][0-9]{0,4}))?$/.exec(bare) ?? [];
  const port = digits === undefined ? usual : Number(digits);
  const host = parseIp(literal ?? name ?? "") ?? parseDomain(name ?? "");
  if (host === undefined || port > 0xffff) return undefined;
  return protocol === "lmtp" && port === SMTP_PORT ? undefined : { protocol, host, port };
}

export function formatInnerHost({ protocol, host, port }: InnerHost): string {
  const at = parseIp(host);
  const name = at !== undefined && isIpv6(at) ? `[${host}]` : host;
  return `${protocol === "lmtp" ? "lmtp://" : ""}${name}:${port}`;
}

/** Routes that lead to the hosts of gateway domains too, whatever is said for all others. */
export function withGateways(
  routes: RelayRoutes,
  gateways: readonly { readonly domain: Domain; readonly host: InnerHost }[],
): RelayRoutes {
  const all = new Map(routes);
  for (const { domain, host } of gateways) all.set(domain, routeTo(host));
  return all;
}

function routeTo({ protocol, host: text, port }: InnerHost): RelayRoute {
  const rest = { protocol, port, tls: "opportunistic" } as const;
  const ip = parseIp(text);
  const name = ip === undefined ? parseName(text) : undefined;
  if (name !== undefined) return { host: { kind: "name", name }, ...rest };
  if (ip === undefined) throw new Error(`${text} is neither an address nor a name`); // it was read as one of them
  return { host: { kind: "address", ip }, ...rest };
}
