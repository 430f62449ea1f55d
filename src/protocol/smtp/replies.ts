/**
 * Everything this server says: all texts are here, and only here a Status becomes wire text. Promises: a
 * reply line is at most 512 octets (RFC 5321 §4.5.3.1.5) of printable ASCII; every 2xx, 4xx and 5xx but the
 * greeting and the yes to EHLO and HELO has an enhanced code (RFC 2034 §4); a refusal names the session.
 */
import { printable, status, STATUS_TEXT_LIMIT, type Status } from "../../mail/index.ts";
import type { OctetFault } from "../dialogue/index.ts";
import type { SaslMechanism } from "../sasl/index.ts";
import type { SmtpSettings } from "./requests.ts";

const say = (code: number, enhanced: string, text: string): Status =>
  status(code, enhanced, text, "smtp");

export const REPLIES = {
  goodbye: say(221, "2.0.0", "closing connection"),
  readyForTls: say(220, "2.0.0", "ready to start TLS"),
  done: say(250, "2.0.0", "ok"),
  senderOk: say(250, "2.1.0", "sender ok"),
  recipientOk: say(250, "2.1.5", "recipient ok"),
  cannotVerify: say(252, "2.5.0", "cannot verify a mailbox; send to it and see"),
  help: say(
    214,
    "2.0.0",
    "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP STARTTLS: see RFC 5321",
  ),
  submissionHelp: say(
    214,
    "2.0.0",
    "EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP HELO: see RFC 6409",
  ),

  // The connection ends.
  shuttingDown: say(421, "4.3.2", "this server is stopping, try again"),
  silent: say(421, "4.4.2", "waited too long for you"),
  tooManyErrors: say(421, "4.7.0", "too many errors"),
  tooManyTransactions: say(421, "4.7.0", "too many transactions, please connect again"),
  earlyTalker: say(554, "5.5.1", "you spoke before the greeting"),
  plaintextAfterStartTls: say(501, "5.5.4", "no pipelining behind STARTTLS"),
  malformedChunk: say(501, "5.5.4", "syntax: BDAT octets [LAST]"),

  // The command line.
  lineTooLong: say(500, "5.5.2", "command line too long"),
  controlOctet: say(500, "5.5.2", "control character in command"),
  notUtf8: say(500, "5.5.2", "command is not valid UTF-8"),
  notAscii: say(500, "5.5.2", "non-ASCII character in command"),
  unknownCommand: say(500, "5.5.1", "command not recognized"),
  notImplemented: say(502, "5.5.1", "command not implemented"),
  noTls: say(502, "5.5.1", "STARTTLS not available"),
  noArguments: say(501, "5.5.4", "this command takes no arguments"),
  argumentNeeded: say(501, "5.5.4", "this command needs an argument"),
  heloSyntax: say(501, "5.5.2", "that is not a host name"),
  mailSyntax: say(501, "5.5.2", "syntax: MAIL FROM:<address>"),
  rcptSyntax: say(501, "5.5.2", "syntax: RCPT TO:<address>"),
  malformedParameters: say(501, "5.5.4", "malformed parameters after the address"),
  unknownParameter: say(555, "5.5.4", "parameter not recognized or not implemented"),

  // Order.
  noHelo: say(503, "5.5.1", "say EHLO first"),
  noMail: say(503, "5.5.1", "MAIL first"),
  noRecipients: say(503, "5.5.1", "no recipient was accepted"),
  nestedMail: say(503, "5.5.1", "a transaction is under way already"),
  chunksBegun: say(503, "5.5.1", "content comes by BDAT already"),
  alreadySecured: say(503, "5.5.1", "TLS is established already"),
  alreadyLoggedIn: say(503, "5.5.1", "you are logged in already"),
  authInTransaction: say(503, "5.5.1", "no AUTH inside a transaction"),
  loginFirst: say(530, "5.7.0", "log in first: this port is for our own users"),
  startTlsFirst: say(530, "5.7.0", "must issue STARTTLS first, and log in then"),

  // AUTH (RFC 4954 §6).
  loggedIn: say(235, "2.7.0", "welcome"),
  authSyntax: say(501, "5.5.4", "syntax: AUTH mechanism [initial-response]"),
  noMechanism: say(504, "5.5.4", "this mechanism is not offered here, EHLO lists those that are"),
  loginNeedsTls: say(538, "5.7.11", "no login without TLS, use STARTTLS first"),
  authLineTooLong: say(500, "5.5.6", "this line of the AUTH exchange is too long"),
  notBase64: say(501, "5.5.2", "this is no base64"),
  loginCancelled: say(501, "5.7.0", "login cancelled"),
  loginMalformed: say(535, "5.7.8", "this is no message of this mechanism"),
  otherIdentity: say(535, "5.7.8", "you can log in only as yourself"),
  channelBinding: say(535, "5.7.8", "this channel binding is not offered here"),
  intercepted: say(
    535,
    "5.7.8",
    "this login was not made for this connection, somebody may be in between",
  ),

  // Addresses.
  senderSyntax: say(501, "5.1.7", "malformed sender address"),
  senderUnqualified: say(501, "5.1.7", "sender address has no domain"),
  senderDomain: say(501, "5.1.7", "sender domain is not valid"),
  senderTooLong: say(501, "5.1.7", "sender address is too long"),
  recipientSyntax: say(501, "5.1.3", "malformed recipient address"),
  recipientUnqualified: say(501, "5.1.3", "recipient address has no domain"),
  recipientDomain: say(501, "5.1.3", "recipient domain is not valid"),
  recipientTooLong: say(501, "5.1.3", "recipient address is too long"),
  needsSmtputf8: say(553, "5.6.7", "non-ASCII address without SMTPUTF8"),

  // Limits of a transaction.
  tooManyRecipients: say(452, "4.5.3", "too many recipients, send the rest in another transaction"),
  tooLarge: say(552, "5.3.4", "message is larger than this server takes"),
} as const satisfies Record<string, Status>;

export type ReplyName = keyof typeof REPLIES;

/** Octets that two servers could read in two ways: no mail is taken from who sends them (RFC 7504: 521). */
export const OCTET_FAULTS = {
  command: {
    "bare CR": say(521, "5.5.2", "bare CR in command"),
    "bare LF": say(521, "5.5.2", "bare LF in command"),
    NUL: say(521, "5.5.2", "NUL in command"),
  },
  content: {
    "bare CR": say(521, "5.5.2", "bare CR in message content"),
    "bare LF": say(521, "5.5.2", "bare LF in message content"),
    NUL: say(521, "5.5.2", "NUL in message content"),
  },
} as const satisfies Record<string, Record<OctetFault, Status>>;

/** The answer to BDAT that is not the last (RFC 3030 §2). */
export function chunkReceived(octets: number): Status {
  return say(250, "2.0.0", `${octets} octets received`);
}

/** The final yes in the engine's own words; it names the session, so that the sender can ask about the message. */
export function messageAccepted(sessionId: string): Status {
  return say(250, "2.0.0", `message accepted [${sessionId}]`);
}

export const START_CONTENT = "354 end the message with <CRLF>.<CRLF>\r\n";

/** RFC 4954 §4: the next step of an AUTH exchange; base64, and nothing at all is a challenge too. */
export function challenge(base64: string): string {
  return `334 ${base64}\r\n`;
}

export function greeting(hostname: string): string {
  return `220 ${hostname} ESMTP Gatepost\r\n`;
}

export function heloReply(hostname: string): string {
  return `250 ${hostname}\r\n`;
}

/** What is offered as long as it would be obeyed. */
export interface Offers {
  readonly startTls: boolean;
  /** None: no AUTH. */
  readonly mechanisms: readonly SaslMechanism[];
  /** What is for those alone who log in, which they do over TLS. */
  readonly forUsers: boolean;
}

/** RFC 5321 §4.1.1.1, with the extensions as they are offered now. */
export function ehloReply(settings: SmtpSettings, offers: Offers): string {
  const { limits, hostname } = settings;
  const extensions = [
    "PIPELINING", // RFC 2920
    `SIZE ${limits.messageOctets}`, // RFC 1870
    "8BITMIME", // RFC 6152
    "SMTPUTF8", // RFC 6531
    "CHUNKING", // RFC 3030
    ...(offers.startTls ? ["STARTTLS"] : []), // RFC 3207
    ...(offers.mechanisms.length > 0 ? [`AUTH ${offers.mechanisms.join(" ")}`] : []), // RFC 4954
    ...(offers.forUsers ? ["DSN", "REQUIRETLS"] : []), // RFC 3461, RFC 8689
    `LIMITS MAILMAX=${limits.transactions} RCPTMAX=${limits.recipients}`, // RFC 9422
    "ENHANCEDSTATUSCODES", // RFC 2034
  ];
  const lines = [hostname, ...extensions];
  return lines.map((line, i) => `250${i < lines.length - 1 ? "-" : " "}${line}\r\n`).join("");
}

/** One reply line, CRLF included. Where there is no session yet, a refusal names none. */
export function statusLine(s: Status, sessionId?: string): string {
  const text = printable(s.text).slice(0, STATUS_TEXT_LIMIT);
  const id = s.code < 400 || sessionId === undefined ? "" : ` [${sessionId}]`;
  return `${s.code} ${s.enhanced} ${text}${id}\r\n`;
}
