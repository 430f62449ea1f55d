/**
 * IP addresses in one canonical text: IPv4 dotted, IPv6 as RFC 5952, IPv4-mapped IPv6 as the IPv4 that it
 * is, zone ids gone. Every rule about an address is asked of this form, so ::ffff:10.0.0.1 cannot be
 * judged otherwise than 10.0.0.1.
 */
import ipaddr from "ipaddr.js";

declare const canonical: unique symbol;

export type Ip = string & { readonly [canonical]: "ip" };

/** Where an address can come from, as far as the address alone tells. */
export type IpReach = "loopback" | "private" | "public";

/** Reads an address as the system prints it (also `::ffff:a.b.c.d` and `fe80::1%eth0`); undefined for anything else. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(":") ? readIpv6(withoutZone(text)) : readIpv4(text);
}

export function isIpv6(ip: Ip): boolean {
  return ip.includes(":");
}

/** The network one client is likely to own: the address itself for IPv4, its /64 for IPv6. */
export function clientNetwork(ip: Ip): string {
  if (!isIpv6(ip)) return ip;
  const parts = ipaddr.IPv6.parse(ip).parts.slice(0, 4);
  return `${parts.map((part) => part.toString(16)).join(":")}::/64`;
}

/** The network that the mail servers of one site are likely to share: the /24 of an IPv4 address, the /64 of an IPv6 one. */
export function siteNetwork(ip: Ip): string {
  return isIpv6(ip) ? clientNetwork(ip) : `${ip.slice(0, ip.lastIndexOf("."))}.0/24`;
}

/** The smallest network that is likely to be somebody's own in the routing of the world: a /24 of IPv4, a /48 of IPv6. */
export function routedNetwork(ip: Ip): string {
  if (!isIpv6(ip)) return siteNetwork(ip);
  const parts = ipaddr.IPv6.parse(ip).parts.slice(0, 3);
  return `${parts.map((part) => part.toString(16)).join(":")}::/48`;
}

export function ipReach(ip: Ip): IpReach {
  switch (ipaddr.parse(ip).range()) {
    case "loopback":
      return "loopback";
    case "unicast":
      return "public";
    default:
      return "private";
  }
}

/** A block of addresses ("10.0.0.0/8", or one address). */
export interface Cidr {
  readonly text: string;
  /** The address that it was written with. */
  readonly base: Ip;
  contains(ip: Ip): boolean;
  /** Bits of the prefix. */
  readonly prefix: number;
  readonly family: 4 | 6;
}

/**
 * Reads a block; an address without a prefix is the block of itself. A block of IPv4-mapped addresses is the
 * IPv4 block that it is. Undefined when it is neither.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [baseText = "", prefixText, ...more] = text.split("/");
  const base = parseIp(baseText);
  if (base === undefined || more.length > 0) return undefined;
  const family = isIpv6(base) ? 6 : 4;
  const bits = family === 6 ? 128 : 32;
  if (prefixText === undefined) return block(base, bits, family);
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(prefixText)) return undefined;
  const mapped = family === 4 && baseText.includes(":");
  const prefix = Number(prefixText) - (mapped ? MAPPED_PREFIX : 0);
  return prefix >= 0 && prefix <= bits ? block(base, prefix, family) : undefined;
}

/** RFC 4291 §2.5.5.2: bits before the IPv4 address in an IPv4-mapped one. */
const MAPPED_PREFIX = 96;

/** They have addresses in common: of two blocks the smaller one is then within the other. */
export function overlap(a: Cidr, b: Cidr): boolean {
  return a.contains(b.base) || b.contains(a.base);
}

function block(base: Ip, prefix: number, family: 4 | 6): Cidr {
  const first = ipaddr.parse(base);
  return {
    text: `${base}/${prefix}`,
    base,
    prefix,
    family,
    contains: (ip) => {
      const address = ipaddr.parse(ip);
      return address.kind() === first.kind() && address.match(first, prefix);
    },
  };
}

function readIpv4(text: string): Ip | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return text as Ip; // four decimal parts without leading zeros: there is no other way to write it
}

function readIpv6(text: string): Ip | undefined {
  const native = withoutDottedTail(text);
  if (native === undefined || native.includes("%") || !ipaddr.IPv6.isValid(native))
    return undefined;
  return ipaddr.process(native).toString() as Ip; // RFC 5952; a mapped address has become IPv4
}

/** An IPv4 address at the end as two groups: the library would take octal in it, and `::1.2.3.4` for a mapped address. */
function withoutDottedTail(text: string): string | undefined {
  const at = text.lastIndexOf(":") + 1;
  const tail = text.slice(at);
  if (!tail.includes(".")) return text;
  if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).octets;
  return `${text.slice(0, at)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** RFC 4007 §11: `fe80::1%eth0`. What is no zone id stays, and makes it no address. */
function withoutZone(text: string): string {
  return text.replace(/%[0-9A-Za-z_.-]+$/, "");
}
