/**
 * The order of commands (RFC 5321 §4.1.4, RFC 3030 §2, RFC 4954 §4), all of it: which command is in its place in which
 * state, what it leads to when it succeeds, and what is said when it is out of place.
 */
import type { ReplyName } from "./replies.ts";

export type Verb =
  | "EHLO"
  | "HELO"
  | "MAIL"
  | "RCPT"
  | "DATA"
  | "BDAT"
  | "RSET"
  | "NOOP"
  | "VRFY"
  | "HELP"
  | "STARTTLS"
  | "AUTH"
  | "QUIT";

export type State =
  | "fresh" // nobody has said who they are
  | "greeted"
  | "sender" // MAIL was accepted
  | "recipients" // and at least one RCPT
  | "chunks"; // and BDAT that was not the last

export type Place =
  | { readonly kind: "leads-to"; readonly state: State }
  | { readonly kind: "out-of-place"; readonly reply: ReplyName };

type Row = readonly [fresh: Place, greeted: Place, sender: Place, recipients: Place, chunks: Place];

const to = (state: State): Place => ({ kind: "leads-to", state });
const no = (reply: ReplyName): Place => ({ kind: "out-of-place", reply });

const FRESH = to("fresh");
const GREETED = to("greeted");
const SENDER = to("sender");
const RECIPIENTS = to("recipients");
const CHUNKS = to("chunks");
const STAY: Row = [FRESH, GREETED, SENDER, RECIPIENTS, CHUNKS];

const NO_HELO = no("noHelo");
const NO_MAIL = no("noMail");
const NO_RCPT = no("noRecipients");
const NESTED = no("nestedMail");
const BEGUN = no("chunksBegun");
const MIDST = no("authInTransaction");

// prettier-ignore
const TABLE: Readonly<Record<Verb, Row>> = {
  //         fresh    greeted  sender      recipients  chunks
  EHLO:     [GREETED, GREETED, GREETED,    GREETED,    GREETED],
  HELO:     [GREETED, GREETED, GREETED,    GREETED,    GREETED],
  MAIL:     [NO_HELO, SENDER,  NESTED,     NESTED,     NESTED],
  RCPT:     [NO_HELO, NO_MAIL, RECIPIENTS, RECIPIENTS, BEGUN],
  DATA:     [NO_HELO, NO_MAIL, NO_RCPT,    GREETED,    BEGUN],
  BDAT:     [NO_HELO, NO_MAIL, NO_RCPT,    CHUNKS,     CHUNKS], // the last one: GREETED, as after DATA
  RSET:     [FRESH,   GREETED, GREETED,    GREETED,    GREETED],
  STARTTLS: [FRESH,   FRESH,   FRESH,      FRESH,      FRESH], // RFC 3207 §4.2: all is forgotten
  AUTH:     [NO_HELO, GREETED, MIDST,      MIDST,      MIDST], // nothing is forgotten
  NOOP:     STAY,
  VRFY:     STAY,
  HELP:     STAY,
  QUIT:     STAY,
};

const COLUMN: Readonly<Record<State, 0 | 1 | 2 | 3 | 4>> = {
  fresh: 0,
  greeted: 1,
  sender: 2,
  recipients: 3,
  chunks: 4,
};

/** What may be said on a submission port before a login (RFC 4954 §6, RFC 6409 §4.3). */
const BEFORE_LOGIN: ReadonlySet<Verb> = new Set([
  "EHLO",
  "HELO",
  "STARTTLS",
  "AUTH",
  "RSET",
  "NOOP",
  "HELP",
  "QUIT",
]);

/** `barrier`: what is said to everything else, where a login is missing. */
export function placeOf(verb: Verb, state: State, barrier?: ReplyName): Place {
  if (barrier !== undefined && !BEFORE_LOGIN.has(verb)) return no(barrier);
  return TABLE[verb][COLUMN[state]];
}

/** Whether a mail transaction is open: something to be voided. */
export function inTransaction(state: State): boolean {
  return state !== "fresh" && state !== "greeted";
}
