/**
 * The paths of RFC 5321 §4.1.2 (and RFC 6531 §3.3): one strict, linear parser of our own, never a header
 * "address list" parser. What comes out is canonical: quotes and backslashes gone, domain an A-label, literal
 * an Ip, so policy, store and wire cannot see different addresses.
 */
import { foldAscii, isAscii, parseDomain, type Domain } from "./domain.ts";
import { isIpv6, parseIp, type Ip } from "./ip.ts";

declare const parsed: unique symbol;

export type AddressHost =
  | { readonly kind: "domain"; readonly domain: Domain }
  | { readonly kind: "literal"; readonly ip: Ip };

/** A qualified mail address; only `parsePath` and `parseAddress` make one. */
export interface Address {
  readonly [parsed]: true;
  /** Local part, unquoted, as the sender wrote its letters. */
  readonly local: string;
  readonly host: AddressHost;
}

/** Where errors go: an address, or `<>` (null) which no error may answer (RFC 5321 §4.5.5). */
export type ReversePath = Address | null;

/** A recipient: an address, or the bare `<postmaster>` of RFC 5321 §4.1.1.3, which means this server's own. */
export type ForwardPath = Address | "postmaster";

/** Why a path is not one that can be used. */
export type PathFault =
  | "not-a-path" // no angle brackets
  | "syntax"
  | "unqualified"
  | "too-long"
  | "needs-smtputf8" // non-ASCII without the SMTPUTF8 parameter
  | "bad-domain";

export type PathResult =
  | { readonly kind: "null"; readonly end: number }
  | { readonly kind: "postmaster"; readonly end: number }
  | {
      readonly kind: "address";
      readonly address: Address;
      /** A source route stood before the address (RFC 5321 appendix C): the sender named the hops. */
      readonly routed: boolean;
      /** Index just after the closing ">". */
      readonly end: number;
    }
  | { readonly kind: "fault"; readonly fault: PathFault };

/** RFC 5321 §4.5.3.1, in octets. */
export const PATH_LIMIT = 256;
export const LOCAL_PART_LIMIT = 64;

/**
 * Reads a path that begins at `from` in `text`. `text` holds no control characters: the command line was
 * checked as bytes before it became a string.
 */
export function parsePath(text: string, from: number, smtputf8: boolean): PathResult {
  if (text[from] !== "<") return noPath("not-a-path");
  const end = closingBracket(text, from + 1);
  if (end < 0) return noPath("syntax");
  const inner = text.slice(from + 1, end);
  if (inner === "") return { kind: "null", end: end + 1 };
  if (octets(inner) + 2 > PATH_LIMIT) return noPath("too-long");
  if (!smtputf8 && !isAscii(inner)) return noPath("needs-smtputf8");
  if (foldAscii(inner) === "postmaster") return { kind: "postmaster", end: end + 1 };
  const mailboxAt = afterSourceRoute(inner);
  if (mailboxAt < 0) return noPath("syntax");
  const address = readMailbox(inner.slice(mailboxAt));
  return typeof address === "string"
    ? noPath(address)
    : { kind: "address", address, routed: mailboxAt > 0, end: end + 1 };
}

/** Reads an address as an administrator writes it, without brackets; a fault says what is wrong with it. */
export function parseAddress(text: string): Address | PathFault {
  if (/[\x00-\x1f\x7f]/.test(text)) return "syntax";
  if (octets(text) + 2 > PATH_LIMIT) return "too-long";
  return readMailbox(text);
}

/** What is wrong with a path, in words for a person. */
export function faultText(fault: PathFault): string {
  switch (fault) {
    case "not-a-path":
      return "it does not stand in angle brackets";
    case "syntax":
      return "it is no address of the form name@domain";
    case "unqualified":
      return "it has no domain";
    case "too-long":
      return `it is too long (${LOCAL_PART_LIMIT} octets before the @, ${PATH_LIMIT} in all)`;
    case "needs-smtputf8":
      return "it is not ASCII, and SMTPUTF8 was not asked for";
    case "bad-domain":
      return "its domain is no domain name";
  }
}

/** The address on the wire, quoted where the local part needs it. */
export function formatAddress(address: Address): string {
  return `${formatLocalPart(address.local)}@${formatHost(address.host)}`;
}

/** A local part on the wire, quoted where it needs it. */
export function formatLocalPart(local: string): string {
  return DOT_STRING.test(local) ? local : `"${local.replace(/["\\]/g, "\\$&")}"`;
}

export function formatReversePath(path: ReversePath): string {
  return path === null ? "<>" : `<${formatAddress(path)}>`;
}

export function formatForwardPath(path: ForwardPath): string {
  return path === "postmaster" ? "<postmaster>" : `<${formatAddress(path)}>`;
}

export function formatHost(host: AddressHost): string {
  if (host.kind === "domain") return host.domain;
  return isIpv6(host.ip) ? `[IPv6:${host.ip}]` : `[${host.ip}]`;
}

/**
 * The form in which a local part is looked up: our own mailboxes do not differ by the case of ASCII letters
 * or by the Unicode composition of others.
 */
export function localKey(local: string): string {
  return foldAscii(isAscii(local) ? local : local.normalize("NFC"));
}

/**
 * A local part that some server would take apart again after the check: percent hack, bang path, quoted
 * second @, a path or a pipe, a leading dot (relay catalogue §2). As a recipient it is refused whole.
 */
export function hasRoutingCharacters(local: string): boolean {
  return local.startsWith(".") || /[%!@/|]/.test(local);
}

// RFC 5321 §4.1.2 atext, and RFC 6531 §3.3: any non-ASCII character but the controls U+0080 to U+009F, which a terminal obeys.
const ATEXT = "A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u00a0-\\u{10ffff}-";
const CONTROL = /[\u0080-\u009f]/;
const DOT_STRING = new RegExp(`^[${ATEXT}]+(?:\\.[${ATEXT}]+)*$`, "u");
/** A leading dot makes no Dot-string, but its meaning is plain and policy has its own answer (`hasRoutingCharacters`). */
const LOOSE_DOT_STRING = new RegExp(`^[.${ATEXT}]+$`, "u");

function readMailbox(text: string): Address | PathFault {
  const local = text.startsWith('"') ? readQuoted(text) : readDotString(text);
  if (typeof local === "string") return local;
  if (octets(formatLocalPart(local.value)) > LOCAL_PART_LIMIT) return "too-long";
  if (local.end === text.length) return "unqualified";
  if (text[local.end] !== "@") return "syntax";
  const host = readHost(text.slice(local.end + 1));
  if (host === undefined) return "bad-domain";
  const address = brand(local.value, host);
  // A-labels and quotes can make it longer than it came; what we write must be readable again.
  return octets(formatAddress(address)) + 2 > PATH_LIMIT ? "too-long" : address;
}

interface LocalPart {
  readonly value: string;
  readonly end: number;
}

function readDotString(text: string): LocalPart | PathFault {
  const at = text.indexOf("@");
  const value = at < 0 ? text : text.slice(0, at);
  const grammar = value.startsWith(".") ? LOOSE_DOT_STRING : DOT_STRING;
  if (!grammar.test(value)) return "syntax";
  return { value, end: value.length };
}

function readQuoted(text: string): LocalPart | PathFault {
  let value = "";
  for (let i = 1; i < text.length; i++) {
    const char = text[i];
    if (char === '"') return { value, end: i + 1 };
    const escaped = char === "\\";
    if (escaped) i++;
    const taken = text[i];
    if (taken === undefined || (escaped && !isAscii(taken)) || CONTROL.test(taken)) return "syntax";
    value += taken;
  }
  return "syntax";
}

function readHost(text: string): AddressHost | undefined {
  if (text.startsWith("[")) {
    const ip = readLiteral(text);
    return ip === undefined ? undefined : { kind: "literal", ip };
  }
  const domain = parseDomain(text);
  return domain === undefined ? undefined : { kind: "domain", domain };
}

/** RFC 5321 §4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
export function readLiteral(text: string): Ip | undefined {
  if (!text.startsWith("[") || !text.endsWith("]")) return undefined;
  const inner = text.slice(1, -1);
  if (inner.includes("%")) return undefined;
  const tagged = foldAscii(inner.slice(0, 5)) === "ipv6:";
  const address = tagged ? inner.slice(5) : inner;
  return address.includes(":") === tagged ? parseIp(address) : undefined;
}

/** RFC 5321 §4.1.2 A-d-l: `@one,@two:` before the mailbox. Index of the mailbox, 0 without a route, -1 if malformed. */
function afterSourceRoute(inner: string): number {
  if (!inner.startsWith("@")) return 0;
  const colon = routeEnd(inner);
  if (colon < 0) return -1;
  const hops = inner.slice(0, colon).split(",");
  const wellFormed = hops.every(
    (hop) => hop.startsWith("@") && readHost(hop.slice(1)) !== undefined,
  );
  return wellFormed ? colon + 1 : -1;
}

/** The colon that ends a route; those inside an IPv6 literal do not. */
function routeEnd(inner: string): number {
  let bracketed = false;
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] === "[") bracketed = true;
    else if (inner[i] === "]") bracketed = false;
    else if (inner[i] === ":" && !bracketed) return i;
  }
  return -1;
}

function closingBracket(text: string, from: number): number {
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (quoted && char === "\\") i++;
    else if (char === '"') quoted = !quoted;
    else if (char === ">" && !quoted) return i;
  }
  return -1;
}

const encoder = new TextEncoder();

function octets(text: string): number {
  return isAscii(text) ? text.length : encoder.encode(text).length;
}

function noPath(kind: PathFault): PathResult {
  return { kind: "fault", fault: kind };
}

/** The one place where an address is made; its parts have just been checked. */
function brand(local: string, host: AddressHost): Address {
  return { local, host } as Address;
}
