/** The trace fields that a receiving server writes on top of a message: RFC 5321 §4.4, protocol names of RFC 3848 and RFC 6531. */
import {
  dateTime,
  formatForwardPath,
  formatReversePath,
  isAscii,
  isIpv6,
  parseDomain,
  readLiteral,
  type ForwardPath,
  type Ip,
  type MessageId,
  type ReversePath,
} from "../../mail/index.ts";
import type { TlsFacts } from "../../protocol/dialogue/index.ts";

export interface Trace {
  readonly reversePath: ReversePath;
  /** The only recipient; several are not named, for they need not know of each other (RFC 5321 §7.6). */
  readonly onlyRecipient?: ForwardPath;
  readonly helo: { readonly verb: "EHLO" | "HELO"; readonly name: string };
  readonly ip: Ip;
  readonly hostname: string;
  readonly tls?: TlsFacts;
  /** Somebody had logged in; who, only the journal knows: a recipient has no business with the name. */
  readonly loggedIn: boolean;
  readonly smtputf8: boolean;
  readonly id: MessageId;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface TraceHead {
  /** The fields as octets, ready to stand before the message. */
  readonly head: Uint8Array;
  /** Of its beginning: Return-Path, which only the last server of a message writes (RFC 5321 §4.4). */
  readonly returnPathOctets: number;
}

export function traceHead(trace: Trace): TraceHead {
  const forClause =
    trace.onlyRecipient === undefined ? "" : `\r\n\tfor ${formatForwardPath(trace.onlyRecipient)}`;
  const returnPath = `Return-Path: ${formatReversePath(trace.reversePath)}\r\n`;
  const head = Buffer.from(
    returnPath +
      `Received: from ${heloName(trace.helo.name)} (${addressLiteral(trace.ip)})\r\n` +
      `\tby ${trace.hostname} with ${protocolName(trace)}${tlsComment(trace.tls)}\r\n` +
      `\tid ${trace.id}${forClause};\r\n` +
      `\t${dateTime(trace.at)}\r\n`,
  );
  return { head, returnPathOctets: Buffer.byteLength(returnPath) };
}

/** What the client called itself; anything that is no name keeps only octets that cannot end a clause or open a comment. */
function heloName(name: string): string {
  const isName = parseDomain(name) !== undefined || readLiteral(name) !== undefined;
  return isName && isAscii(name) ? name : name.replace(/[^A-Za-z0-9._:-]/g, "?") || "unknown";
}

function addressLiteral(ip: Ip): string {
  return isIpv6(ip) ? `[IPv6:${ip}]` : `[${ip}]`;
}

function protocolName({ helo, tls, loggedIn, smtputf8 }: Trace): string {
  const added = `${tls === undefined ? "" : "S"}${loggedIn ? "A" : ""}`;
  if (smtputf8) return `UTF8SMTP${added}`;
  // RFC 3848 has no name for HELO with TLS or a login; "S" and "A" without "E" would be none of its names.
  return helo.verb === "HELO" && added === "" ? "SMTP" : `ESMTP${added}`;
}

function tlsComment(tls: TlsFacts | undefined): string {
  return tls === undefined ? "" : ` (${tls.version} ${tls.cipher})`;
}
