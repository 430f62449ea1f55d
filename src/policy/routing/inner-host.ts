/** Where the mailboxes of a gateway domain are: a host that the operator has named, never one that the DNS names by itself. */
import { isIpv6, parseDomain, parseIp, type Domain, type Ip } from "../../mail/index.ts";
import { parseName } from "../../protocol/dns/index.ts";
import type { RelayRoute, RelayRoutes } from "./next-hop.ts";

export interface InnerHost {
  readonly host: Ip | Domain;
  readonly port: number;
}

const SMTP_PORT = 25;

/** "10.0.0.5", "smtp://10.0.0.5:2525", "smtp://[2001:db8::5]:25", "inner.example.net"; undefined for anything else. */
export function parseInnerHost(text: string): InnerHost | undefined {
  const bare = text.replace(/^smtp:\/\//i, "");
  const v6 = parseIp(bare);
  if (v6 !== undefined) return { host: v6, port: SMTP_PORT };
  const [, literal, name, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::([1-9][0-9]{0,4}))?$/.exec(bare) ?? [];
  const port = digits === undefined ? SMTP_PORT : Number(digits);
  const host = parseIp(literal ?? name ?? "") ?? parseDomain(name ?? "");
  return host === undefined || port > 0xffff ? undefined : { host, port };
}

export function formatInnerHost({ host, port }: InnerHost): string {
  const at = parseIp(host);
  return at !== undefined && isIpv6(at) ? `[${host}]:${port}` : `${host}:${port}`;
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

function routeTo({ host: text, port }: InnerHost): RelayRoute {
  const ip = parseIp(text);
  const name = ip === undefined ? parseName(text) : undefined;
  if (name !== undefined) return { host: { kind: "name", name }, port, tls: "opportunistic" };
  if (ip === undefined) throw new Error(`${text} is neither an address nor a name`); // it was read as one of them
  return { host: { kind: "address", ip }, port, tls: "opportunistic" };
}
