/**
 * Names as the DNS has them, one canonical form: lower case, labels with dots between them, no dot at the end, the
 * root as ".". A label is 1 to 63 octets of printable ASCII; a dot, a backslash, a blank, a control octet or one
 * above ASCII inside a label is an error, because in this form the name would read as another one, or be words in
 * somebody's log. Underscores and the like are fine: `_dmarc.example.org` is no host, but it is a name.
 */
import { foldAscii, isIpv6, type Domain, type Ip } from "../../mail/index.ts";

declare const checked: unique symbol;

export type DnsName = string & { readonly [checked]: "dns name" };

/** The name without labels. As the exchange of an only MX record it says: no mail here (RFC 7505). */
export const ROOT = "." as DnsName;

/** RFC 1035 §2.3.4, in octets; of a name with its length octets and the one of the root. */
export const NAME_OCTETS_LIMIT = 255;
export const LABEL_OCTETS_LIMIT = 63;

/** Reads a name as people write it, with or without a dot at its end; undefined when it is none. */
export function parseName(text: string): DnsName | undefined {
  if (text.length > NAME_OCTETS_LIMIT) return undefined;
  if (text === ".") return ROOT;
  const relative = text.endsWith(".") ? text.slice(0, -1) : text;
  return relative.split(".").every(isLabel) ? fitting(foldAscii(relative)) : undefined;
}

/** A mail domain is a name of the DNS already. */
export function nameOfDomain(domain: Domain): DnsName {
  return domain as string as DnsName; // at most 253 octets of letters, digits, hyphens and dots, in lower case
}

/**
 * The name under which something is said about an address: its octets (RFC 1035 §3.5) or, for IPv6, its nibbles
 * (RFC 3596 §2.5) from the last to the first, in front of the zone. Lists of addresses are asked this way too
 * (RFC 5782 §2). Undefined when the zone's own name leaves no room for it.
 */
export function addressUnder(ip: Ip, zone: DnsName): DnsName | undefined {
  const labels = isIpv6(ip) ? nibbles(ip) : ip.split(".");
  const reversed = labels.toReversed().join(".");
  return fitting(zone === ROOT ? reversed : `${reversed}.${zone}`);
}

/** Where the PTR records of an address are. */
export function reverseName(ip: Ip): DnsName {
  const zone = isIpv6(ip) ? "ip6.arpa" : "in-addr.arpa";
  return addressUnder(ip, zone as DnsName) ?? ROOT; // always fits: at most 32 labels of one nibble
}

/** The labels of a name; none of the root. */
export function labelsOf(name: DnsName): readonly string[] {
  return name === ROOT ? [] : name.split(".");
}

/** Whether the name is the zone's own, or below it. */
export function isWithin(name: DnsName, zone: DnsName): boolean {
  return zone === ROOT || name === zone || name.endsWith(`.${zone}`);
}

/** What labels from the wire spell, in the case they came in; undefined when one has an octet that no name of ours has. */
export function spell(labels: readonly Uint8Array[]): string | undefined {
  const spelt = labels.map((label) => String.fromCharCode(...label));
  return spelt.every(isLabel) ? spelt.join(".") || "." : undefined;
}

/** The name that labels from the wire are; undefined when they are none of ours. */
export function nameOfLabels(labels: readonly Uint8Array[]): DnsName | undefined {
  const spelt = spell(labels);
  return spelt === undefined ? undefined : fitting(foldAscii(spelt));
}

function isLabel(text: string): boolean {
  return text.length <= LABEL_OCTETS_LIMIT && /^[!-\-/-[\]-~]+$/.test(text);
}

/** Each dot is a length octet on the wire; the first label's and the root's come on top. */
function fitting(text: string): DnsName | undefined {
  return text.length + 2 <= NAME_OCTETS_LIMIT ? (text as DnsName) : undefined;
}

/** The 32 hexadecimal digits of an IPv6 address, first to last. */
function nibbles(ip: Ip): string[] {
  const [head = "", tail] = ip.split("::");
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].flatMap((group) => group.padStart(4, "0").split(""));
}

function groups(text: string): string[] {
  return text === "" ? [] : text.split(":");
}
