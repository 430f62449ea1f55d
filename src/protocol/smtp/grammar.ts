/**
 * Command lines (RFC 5321 §4.1.1): octets in, verb and arguments out, or the name of the reply that says what
 * is wrong. Strict and linear; an octet becomes text only after it was checked.
 */
import { isAscii, parsePath, type ForwardPath, type PathFault } from "../../mail/index.ts";
import type { DsnRecipientParameters, ReversePath } from "../../mail/index.ts";
import {
  readParameters,
  recipientParameters,
  senderParameters,
  type SenderParameterValues,
} from "./parameters.ts";
import type { ReplyName } from "./replies.ts";
import type { Verb } from "./server-states.ts";

/** A line whose verb is one of ours. */
export interface CommandLine {
  readonly verb: Verb;
  /** Without blanks at its end: they mean nothing in any command. */
  readonly text: string;
  /** Index of the arguments; the text's length when there are none. */
  readonly argumentsAt: number;
}

const VERBS: ReadonlyMap<string, Verb> = new Map(
  (
    [
      "EHLO",
      "HELO",
      "MAIL",
      "RCPT",
      "DATA",
      "BDAT",
      "RSET",
      "NOOP",
      "VRFY",
      "HELP",
      "STARTTLS",
      "AUTH",
      "QUIT",
    ] as const
  ).map((verb) => [verb, verb]),
);

/** Known to the RFCs, refused here on purpose: they reveal, pull or push mail for strangers (relay catalogue R112, R113). */
const UNIMPLEMENTED: ReadonlySet<string> = new Set([
  "EXPN",
  "ETRN",
  "ATRN",
  "TURN",
  "SEND",
  "SOML",
  "SAML",
]);

const LONGEST_VERB = 8;
const SPACE = 32;
const DELETE = 127;

/** Reads a line without its CRLF; it holds no CR, LF or NUL. */
export function readCommandLine(bytes: Uint8Array): CommandLine | ReplyName {
  let ascii = true;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < SPACE || byte === DELETE) return "controlOctet";
    if (byte > DELETE) ascii = false;
  }
  const text = decode(bytes);
  if (text === undefined) return "notUtf8";
  const verbEnd = endOfVerb(text);
  const word = text.slice(0, verbEnd);
  const name = isVerbLike(word) ? word.toUpperCase() : "";
  const verb = VERBS.get(name);
  if (verb === undefined) return UNIMPLEMENTED.has(name) ? "notImplemented" : "unknownCommand";
  if (!ascii && verb !== "MAIL" && verb !== "RCPT" && verb !== "VRFY") return "notAscii";
  return { verb, text, argumentsAt: Math.min(verbEnd + 1, text.length) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === SPACE) end--;
  try {
    return utf8.decode(bytes.subarray(0, end));
  } catch {
    return undefined; // the decoder's only way to say that it is not UTF-8
  }
}

function endOfVerb(text: string): number {
  const space = text.indexOf(" ");
  return space < 0 ? text.length : space;
}

/** Short and of ASCII letters only: `toUpperCase` would also turn the dotless i into "I". */
function isVerbLike(word: string): boolean {
  return word.length <= LONGEST_VERB && /^[A-Za-z]+$/.test(word);
}

export interface MailArguments extends SenderParameterValues {
  readonly reversePath: ReversePath;
}

/** RFC 5321 §4.1.1.2, RFC 6531 §3.4; `loggedIn` says whether AUTH and the parameters of DSN are read. */
export function readMail(line: CommandLine, loggedIn = false): MailArguments | ReplyName {
  const at = pathStart(line, "FROM:");
  if (at < 0) return "mailSyntax";
  const strict = parsePath(line.text, at, false);
  // SMTPUTF8 stands behind the path that needs it, so such a path is read first and judged afterwards.
  const international = strict.kind === "fault" && strict.fault === "needs-smtputf8";
  const path = international ? parsePath(line.text, at, true) : strict;
  if (path.kind === "fault") return SENDER_FAULTS[path.fault];
  if (path.kind === "postmaster") return "senderUnqualified";
  const given = readParameters(line.text.slice(path.end));
  if (typeof given === "string") return given;
  const values = senderParameters(given, loggedIn);
  if (typeof values === "string") return values;
  if (international && !values.parameters.smtputf8) return "needsSmtputf8";
  // A source route in a reverse-path is passed over (RFC 5321 appendix C).
  return { reversePath: path.kind === "null" ? null : path.address, ...values };
}

export interface RcptArguments {
  readonly forwardPath: ForwardPath;
  readonly sourceRoute: boolean;
  readonly dsn?: DsnRecipientParameters;
}

/** RFC 5321 §4.1.1.3; `smtputf8` says whether MAIL had that parameter, `loggedIn` whether those of DSN are read. */
export function readRcpt(
  line: CommandLine,
  smtputf8: boolean,
  loggedIn = false,
): RcptArguments | ReplyName {
  const at = pathStart(line, "TO:");
  if (at < 0) return "rcptSyntax";
  const path = parsePath(line.text, at, smtputf8);
  if (path.kind === "fault") return RECIPIENT_FAULTS[path.fault];
  if (path.kind === "null") return "recipientSyntax";
  const given = readParameters(line.text.slice(path.end));
  if (typeof given === "string") return given;
  const dsn = recipientParameters(given, smtputf8, loggedIn);
  if (typeof dsn === "string") return dsn;
  const asked = dsn === undefined ? undefined : { dsn };
  return path.kind === "postmaster"
    ? { forwardPath: "postmaster", sourceRoute: false, ...asked }
    : { forwardPath: path.address, sourceRoute: path.routed, ...asked };
}

export interface BdatArguments {
  readonly octets: number;
  readonly last: boolean;
}

/** RFC 3030 §2; undefined when it cannot be said how many octets follow. */
export function readBdat(line: CommandLine): BdatArguments | undefined {
  const match = /^([0-9]{1,15})( LAST)?$/i.exec(argumentsOf(line));
  return match === null ? undefined : { octets: Number(match[1]), last: match[2] !== undefined };
}

export interface AuthArguments {
  /** In upper case. */
  readonly mechanism: string;
  /** As it stands there; "=" is one that is empty. */
  readonly initialResponse?: string;
}

/** RFC 4954 §4, RFC 4422 §3.1: a mechanism's name, and perhaps its first response. */
export function readAuth(line: CommandLine): AuthArguments | undefined {
  const [name = "", initialResponse, ...rest] = argumentsOf(line).split(" ");
  if (!/^[A-Za-z0-9_-]{1,20}$/.test(name) || rest.length > 0) return undefined;
  const mechanism = name.toUpperCase();
  return initialResponse === undefined ? { mechanism } : { mechanism, initialResponse };
}

/** RFC 1035 §2.3.4 with room for a dot or brackets. */
const HELO_LIMIT = 255;

/**
 * The name in EHLO or HELO: a domain or a literal (RFC 5321 §4.1.1.1), and whatever else clients that do not
 * know their name say, as long as it can stand in a Received field. Undefined when it cannot.
 */
export function readHeloName(line: CommandLine): string | undefined {
  const name = argumentsOf(line);
  return name.length <= HELO_LIMIT && /^[^\s()<>@,;\\"]+$/.test(name) ? name : undefined;
}

export function argumentsOf(line: CommandLine): string {
  return line.text.slice(line.argumentsAt);
}

/** Index of the path behind "FROM:" or "TO:"; clients put blanks there although RFC 5321 §3.3 does not. */
function pathStart(line: CommandLine, keyword: string): number {
  let at = line.argumentsAt + keyword.length;
  const word = line.text.slice(line.argumentsAt, at);
  if (!isAscii(word) || word.toUpperCase() !== keyword) return -1;
  while (line.text[at] === " ") at++;
  return at;
}

const SENDER_FAULTS = {
  "not-a-path": "mailSyntax",
  syntax: "senderSyntax",
  unqualified: "senderUnqualified",
  "too-long": "senderTooLong",
  "bad-domain": "senderDomain",
  "needs-smtputf8": "needsSmtputf8",
} as const satisfies Record<PathFault, ReplyName>;

const RECIPIENT_FAULTS = {
  "not-a-path": "rcptSyntax",
  syntax: "recipientSyntax",
  unqualified: "recipientUnqualified",
  "too-long": "recipientTooLong",
  "bad-domain": "recipientDomain",
  "needs-smtputf8": "needsSmtputf8",
} as const satisfies Record<PathFault, ReplyName>;
