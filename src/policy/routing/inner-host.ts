/**
 * Where the mailboxes of a domain are that is ours and has none here: a gateway's host, which takes SMTP, or a store that takes
 * LMTP. The operator has named it; the DNS never does by itself.
 */
import { isIpv6, parseDomain, parseIp, type Domain, type Ip } from "../../mail/index.ts";
import { parseName } from "../../protocol/dns/index.ts";
import {
  LMTP_ELSEWHERE,
  LMTP_PORT,
  namesSocket,
  parseLmtpSocket,
  SMTP_PORT,
  socketText,
  type LmtpSocket,
} from "./lmtp.ts";
import type { RelayRoute, RelayRoutes, RouteProtocol } from "./next-hop.ts";

export type InnerHost =
  | { readonly protocol: RouteProtocol; readonly host: Ip | Domain; readonly port: number }
  | ({ readonly protocol: "lmtp" } & LmtpSocket);

const HOST_EXPECTED = "expected a host such as smtp://10.0.0.5:25 or inner.example.net";
const MAILBOXES_EXPECTED =
  "expected lmtp:/run/dovecot/lmtp, a socket, or lmtp://10.0.0.5:24, a host";

/** "10.0.0.5", "smtp://10.0.0.5:2525", "smtp://[2001:db8::5]:25", "inner.example.net"; words for anything else. */
export function parseGatewayHost(text: string): InnerHost | string {
  if (isLmtp(text)) return `a store that takes LMTP is not a gateway; write mailboxes = "${text}"`;
  return innerHost("smtp", text.replace(/^smtp:\/\//i, "")) ?? HOST_EXPECTED;
}

/** "lmtp:/run/dovecot/lmtp", "lmtp://127.0.0.1:24", "lmtp://inner.example.net"; words for anything else. */
export function parseMailboxes(text: string): InnerHost | string {
  if (!isLmtp(text)) return MAILBOXES_EXPECTED;
  if (namesSocket(text)) {
    const read = parseLmtpSocket(text);
    return typeof read === "string" ? read : { protocol: "lmtp", ...read };
  }
  const read = innerHost("lmtp", text.replace(/^lmtp:\/\//i, ""));
  if (read === undefined) return MAILBOXES_EXPECTED;
  return read.port === SMTP_PORT ? LMTP_ELSEWHERE : read;
}

function isLmtp(text: string): boolean {
  return /^lmtp:/i.test(text);
}

function innerHost(protocol: RouteProtocol, bare: string) {
  const usual = protocol === "lmtp" ? LMTP_PORT : SMTP_PORT;
  const v6 = parseIp(bare);
  if (v6 !== undefined) return { protocol, host: v6, port: usual };
  const [, literal, name, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::([1-9][0-9]{0,4}))?$/.exec(bare) ?? [];
  const port = digits === undefined ? usual : Number(digits);
  const host = parseIp(literal ?? name ?? "") ?? parseDomain(name ?? "");
  return host === undefined || port > 0xffff ? undefined : { protocol, host, port };
}

export function formatInnerHost(inner: InnerHost): string {
  if ("socket" in inner) return socketText(inner);
  const { protocol, host, port } = inner;
  const at = parseIp(host);
  const name = at !== undefined && isIpv6(at) ? `[${host}]` : host;
  return `${protocol === "lmtp" ? "lmtp://" : ""}${name}:${port}`;
}

/** Routes that lead to the inner hosts of domains too, whatever is said for all others. */
export function withGateways(
  routes: RelayRoutes,
  gateways: readonly { readonly domain: Domain; readonly host: InnerHost }[],
): RelayRoutes {
  const all = new Map(routes);
  for (const { domain, host } of gateways) all.set(domain, routeTo(host));
  return all;
}

function routeTo(inner: InnerHost): RelayRoute {
  if ("socket" in inner) return { socket: inner.socket };
  const { protocol, host: text, port } = inner;
  const rest = { protocol, port, tls: "opportunistic" } as const;
  const ip = parseIp(text);
  const name = ip === undefined ? parseName(text) : undefined;
  if (name !== undefined) return { host: { kind: "name", name }, ...rest };
  if (ip === undefined) throw new Error(`${text} is neither an address nor a name`); // it was read as one of them
  return { host: { kind: "address", ip }, ...rest };
}
