/**
 * What a command means where the session stands: one outcome for each, decided without doing anything. Order
 * comes first (the table in server-states), then grammar, then limits; what is left is for the desk to decide.
 */
import type { SenderParameters } from "../../mail/index.ts";
import {
  findMechanism,
  offeredMechanisms,
  type OfferedMechanisms,
  type SaslMechanism,
} from "../sasl/index.ts";
import {
  argumentsOf,
  readAuth,
  readBdat,
  readHeloName,
  readMail,
  readRcpt,
  type BdatArguments,
  type CommandLine,
} from "./grammar.ts";
import type { ReplyName } from "./replies.ts";
import type { SmtpAsk, SmtpEnding, SmtpSettings } from "./requests.ts";
import { placeOf, type Place, type State } from "./server-states.ts";

/** Where a session stands. */
export interface Situation {
  readonly state: State;
  /** TLS stands. */
  readonly secured: boolean;
  /** Of the TLS connection, where there is something to bind a login to. */
  readonly exporter?: Uint8Array;
  /** The client showed a certificate in TLS; `external`: the desk has said of it that it is one to log in by. */
  readonly certificate: boolean;
  readonly external: boolean;
  /** Somebody has logged in. */
  readonly loggedIn: boolean;
  /** MAIL commands that the desk was asked about, accepted or not. */
  readonly transactions: number;
  /** Of the open transaction: whether MAIL had the SMTPUTF8 parameter. */
  readonly smtputf8: boolean;
  /** Of the open transaction: accepted recipients, and how many came after the last one that may. */
  readonly recipients: number;
  readonly surplusRecipients: number;
}

export type Outcome =
  | { readonly kind: "reply"; readonly reply: ReplyName }
  | { readonly kind: "refuse"; readonly reply: ReplyName }
  /** Refused as `tooManyRecipients`; `excused` does not count as an error. */
  | { readonly kind: "surplus-recipient"; readonly excused: boolean }
  /** For the desk; a yes leads to `state`. */
  | { readonly kind: "ask"; readonly ask: SmtpAsk; readonly state: State }
  /** A chunk of content follows. */
  | { readonly kind: "chunk"; readonly chunk: BdatArguments }
  /** A chunk follows that is content of nothing. */
  | { readonly kind: "refused-chunk"; readonly chunk: BdatArguments; readonly reply: ReplyName }
  | { readonly kind: "reset"; readonly state: State }
  | { readonly kind: "start-tls" }
  /** An AUTH exchange begins. */
  | {
      readonly kind: "login";
      readonly mechanism: SaslMechanism;
      readonly initialResponse?: string;
    }
  | { readonly kind: "quit" }
  /** Refused, and the session ends. */
  | { readonly kind: "end"; readonly reply: ReplyName; readonly ending: SmtpEnding };

export function outcomeOf(line: CommandLine, now: Situation, settings: SmtpSettings): Outcome {
  if (line.verb === "AUTH" && settings.submission === undefined) return refuse("notImplemented");
  const place = placeOf(line.verb, now.state, barrier(now, settings));
  if (line.verb === "BDAT") return bdat(line, place);
  if (place.kind === "out-of-place") return refuse(place.reply);
  switch (line.verb) {
    case "EHLO":
    case "HELO":
      return helo(line, line.verb, place.state);
    case "MAIL":
      return mail(line, now, settings, place.state);
    case "RCPT":
      return rcpt(line, now, settings, place.state);
    case "DATA":
      return withoutArguments(line, ask({ kind: "content", chunked: false }, place.state));
    case "RSET":
      return withoutArguments(line, { kind: "reset", state: place.state });
    case "QUIT":
      return withoutArguments(line, { kind: "quit" });
    case "STARTTLS":
      return startTls(line, now, settings);
    case "AUTH":
      return auth(line, now, settings);
    case "VRFY":
      // What RCPT would say is not told beforehand (RFC 2505 §2.11).
      return argumentsOf(line) === "" ? refuse("argumentNeeded") : reply("cannotVerify");
    case "NOOP":
      return reply("done");
    case "HELP":
      return reply(settings.submission === undefined ? "help" : "submissionHelp");
  }
}

/** What is said to whoever would send before he has logged in. */
function barrier({ loggedIn, secured }: Situation, settings: SmtpSettings): ReplyName | undefined {
  if (settings.submission === undefined || loggedIn) return undefined;
  return secured ? "loginFirst" : "startTlsFirst";
}

/** The mechanisms that AUTH would take now. */
export function mechanismsFor(now: Situation, { submission }: SmtpSettings): SaslMechanism[] {
  if (submission === undefined || !now.secured || now.loggedIn) return [];
  const { exporter, external } = now;
  const offered: OfferedMechanisms = { passwords: true, login: submission.authLogin, external };
  return offeredMechanisms(exporter === undefined ? offered : { ...offered, exporter });
}

function helo(line: CommandLine, verb: "EHLO" | "HELO", state: State): Outcome {
  const name = readHeloName(line);
  return name === undefined ? refuse("heloSyntax") : ask({ kind: "helo", verb, name }, state);
}

function mail(line: CommandLine, now: Situation, settings: SmtpSettings, state: State): Outcome {
  const { limits } = settings;
  // A no would leave the client waiting for its next retry; a new connection takes its mail at once.
  if (now.transactions >= limits.transactions)
    return { kind: "end", reply: "tooManyTransactions", ending: "too many transactions" };
  const read = readMail(line, now.loggedIn);
  if (typeof read === "string") return refuse(read);
  if (isTooLarge(read.parameters, limits.messageOctets)) return refuse("tooLarge");
  return ask({ kind: "sender", ...read }, state);
}

/** RFC 1870 §6.1. */
function isTooLarge({ size }: SenderParameters, limit: number): boolean {
  return size !== undefined && size > limit;
}

function rcpt(line: CommandLine, now: Situation, settings: SmtpSettings, state: State): Outcome {
  const read = readRcpt(line, now.smtputf8, now.loggedIn);
  if (typeof read === "string") return refuse(read);
  const { recipients: limit } = settings.limits;
  // A sender of a long list learns only here where to cut it (RFC 5321 §4.5.3.1.10): as many again are no error.
  if (now.recipients >= limit)
    return { kind: "surplus-recipient", excused: now.surplusRecipients < limit };
  return ask({ kind: "recipient", ...read }, state);
}

/** Whatever is wrong, the octets that follow must not be taken for commands (RFC 3030 §2). */
function bdat(line: CommandLine, place: Place): Outcome {
  const chunk = readBdat(line);
  if (chunk === undefined)
    return { kind: "end", reply: "malformedChunk", ending: "malformed BDAT" };
  if (place.kind === "out-of-place") return { kind: "refused-chunk", chunk, reply: place.reply };
  return { kind: "chunk", chunk };
}

function startTls(line: CommandLine, now: Situation, settings: SmtpSettings): Outcome {
  if (now.secured) return refuse("alreadySecured");
  if (settings.startTls === "unavailable") return refuse("noTls");
  return withoutArguments(line, { kind: "start-tls" });
}

/** RFC 4954 §4. Without TLS what follows the verb is not even looked at: it may be a password that everybody has heard. */
function auth(line: CommandLine, now: Situation, settings: SmtpSettings): Outcome {
  if (now.loggedIn) return refuse("alreadyLoggedIn");
  if (!now.secured) return refuse("loginNeedsTls");
  const read = readAuth(line);
  if (read === undefined) return refuse("authSyntax");
  const mechanism = findMechanism(read.mechanism);
  if (mechanism === undefined || !isTaken(mechanism, now, settings)) return refuse("noMechanism");
  return { kind: "login", ...read, mechanism };
}

/** What is offered; and of a certificate that is nobody's the desk is told, so that it says so and can write it down. */
function isTaken(mechanism: SaslMechanism, now: Situation, settings: SmtpSettings): boolean {
  if (mechanism === "EXTERNAL") return now.certificate;
  return mechanismsFor(now, settings).includes(mechanism);
}

function withoutArguments(line: CommandLine, outcome: Outcome): Outcome {
  return argumentsOf(line) === "" ? outcome : refuse("noArguments");
}

const reply = (name: ReplyName): Outcome => ({ kind: "reply", reply: name });
const refuse = (name: ReplyName): Outcome => ({ kind: "refuse", reply: name });
const ask = (question: SmtpAsk, state: State): Outcome => ({ kind: "ask", ask: question, state });
