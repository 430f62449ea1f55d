/**
 * What a server offers in its yes to EHLO (RFC 5321 §4.1.1.1), as far as this client uses it. A keyword that cannot be
 * read is not there.
 */
import type { Reply } from "./client-replies.ts";

export interface Capabilities {
  readonly pipelining: boolean; // RFC 2920
  readonly startTls: boolean; // RFC 3207
  readonly eightBitMime: boolean; // RFC 6152
  readonly smtputf8: boolean; // RFC 6531
  readonly dsn: boolean; // RFC 3461
  readonly requireTls: boolean; // RFC 8689
  /** RFC 1870: SIZE is understood. */
  readonly size: boolean;
  /** The largest message it takes, in octets, where it says so. */
  readonly messageOctets?: number;
  /** RFC 9422 RCPTMAX: recipients of one transaction. */
  readonly recipients?: number;
  /** RFC 9422 MAILMAX: MAIL commands of one session. */
  readonly transactions?: number;
  /** RFC 4954: mechanisms by which one can log in, in upper case. */
  readonly auth?: readonly string[];
}

/** After HELO. */
export const NO_CAPABILITIES: Capabilities = {
  pipelining: false,
  startTls: false,
  eightBitMime: false,
  smtputf8: false,
  dsn: false,
  requireTls: false,
  size: false,
};

/** Reads the yes to EHLO; its first line is a greeting. */
export function readCapabilities({ lines }: Reply): Capabilities {
  const offers = new Map<string, readonly string[]>();
  for (const line of lines.slice(1)) {
    const [keyword = "", ...parameters] = line.slice(4).toUpperCase().trim().split(/ +/);
    offers.set(keyword, parameters);
  }
  const messageOctets = number(offers.get("SIZE")?.[0], 20);
  const limits = offers.get("LIMITS") ?? [];
  const recipients = limit(limits, "RCPTMAX");
  const transactions = limit(limits, "MAILMAX");
  const auth = offers.get("AUTH");
  return {
    pipelining: offers.has("PIPELINING"),
    startTls: offers.has("STARTTLS"),
    eightBitMime: offers.has("8BITMIME"),
    smtputf8: offers.has("SMTPUTF8"),
    dsn: offers.has("DSN"),
    requireTls: offers.has("REQUIRETLS"),
    size: offers.has("SIZE"),
    ...(messageOctets !== undefined && { messageOctets }),
    ...(recipients !== undefined && { recipients }),
    ...(transactions !== undefined && { transactions }),
    ...(auth !== undefined && { auth }),
  };
}

function limit(limits: readonly string[], name: string): number | undefined {
  const found = limits.find((word) => word.startsWith(`${name}=`));
  return number(found?.slice(name.length + 1), 6);
}

/** Zero is "no limit" (RFC 1870 §4), as is what cannot be read. */
function number(text: string | undefined, digits: number): number | undefined {
  if (text === undefined || text.length > digits || !/^[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return value === 0 ? undefined : value;
}
