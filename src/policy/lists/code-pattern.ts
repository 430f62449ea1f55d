/**
 * What a list may answer, as a setting has it: "127.0.0.2", "127.0.0.10-11", "127.0.*.3", and "127.0.0.&2" for a bit that
 * is set (lists that answer several meanings in one address, RFC 5782 §2.3). A code is an address of 127/8 and nothing to connect to.
 */
import { isIpv6, type Ip } from "../../mail/index.ts";

export interface CodePattern {
  /** As it was written. */
  readonly text: string;
  matches(code: Ip): boolean;
}

type OctetPattern = (octet: number) => boolean;

/** RFC 5782 §2.1: everything else is no answer of a list. */
export function isCode(ip: Ip): boolean {
  return !isIpv6(ip) && ip.startsWith("127.");
}

/** A code, or words on what was expected. */
export function parseCodePattern(text: string): CodePattern | string {
  const octets = text.split(".").map(parseOctet);
  const patterns = octets.filter((one) => one !== undefined);
  if (patterns.length !== 4 || octets.length !== 4)
    return `"${text}" is no code; expected one such as 127.0.0.2, 127.0.0.10-11, 127.0.*.3 or 127.0.0.&2 (a bit)`;
  if (!text.startsWith("127."))
    return `"${text}" is outside 127.0.0.0/8, where no list's answer counts; expected one such as 127.0.0.2`;
  return {
    text,
    matches: (code) => isCode(code) && code.split(".").every((o, i) => patterns[i]?.(Number(o))),
  };
}

/** What is written here, not in a setting. */
export function codePattern(text: string): CodePattern {
  const pattern = parseCodePattern(text);
  if (typeof pattern === "string") throw new RangeError(pattern);
  return pattern;
}

function parseOctet(text: string): OctetPattern | undefined {
  if (text === "*") return () => true;
  const [, mask] = /^&([1-9][0-9]{0,2})$/.exec(text) ?? [];
  if (mask !== undefined) {
    const bits = Number(mask);
    return bits <= 255 ? (octet) => (octet & bits) !== 0 : undefined;
  }
  const [, first, last = first] = /^(0|[1-9][0-9]{0,2})(?:-([1-9][0-9]{0,2}))?$/.exec(text) ?? [];
  const [least, most] = [Number(first), Number(last)];
  return least <= most && most <= 255 ? (octet) => octet >= least && octet <= most : undefined;
}
