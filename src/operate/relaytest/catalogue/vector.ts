/**
 * What an entry of the relay catalogue is: one known way to make a mail server carry mail it should not,
 * what a tester says, and the one right answer to each thing said. Plain data, so that the catalogue can be
 * read as a book about relaying; names stand in braces and are filled in by ../names.ts.
 */

export interface Chapter {
  /** As in the catalogue's tables, 1 to 5; 6 is about a part that Gatepost alone has. */
  readonly section: number;
  readonly title: string;
  /** The senders that each vector of the chapter is tried with, unless it names its own. */
  readonly from: readonly string[];
  readonly vectors: readonly Vector[];
}

export interface Vector {
  /** "R30"; never reused. */
  readonly id: string;
  /** Whose relay test had it: the letters of the file comment in index.ts, with that test's number. */
  readonly origin: string;
  /** Why a weak server relays here. */
  readonly why: string;
  /** What the server must have before this can be tried; until then the vector waits. */
  readonly needs?: readonly Feature[];
  /** Who the client is and in what state the server is, where that is the point. */
  readonly given?: Given;
  /**
   * The greeting command, `EHLO {F}` unless said otherwise; "none" when the script greets itself. On a submission port with
   * STARTTLS it is said in TLS, unless the vector needs STARTTLS, and begins without.
   */
  readonly hello?: string;
  /**
   * Reverse-paths, with their parameters. For each the vector is run once, beginning with that MAIL, which is
   * answered 250 2.1.0. Empty when the script says MAIL itself.
   */
  readonly from?: readonly string[];
  readonly script: readonly ScriptStep[];
  /** Mailboxes that get the session's one message, in `local@domain`, and relay tests that keep it; absent: nothing is delivered. */
  readonly delivers?: readonly string[];
  /** Unknown recipients of ours that are taken to be reported by mail; absent: none. */
  readonly reports?: readonly string[];
  /** Senders elsewhere that would get a report about the message, because they are verified; absent: none. */
  readonly tells?: readonly string[];
  /** Addresses elsewhere that the message may leave for, because a grant allows it; absent: none. */
  readonly departs?: readonly string[];
}

/** What is said, and all that must come back for it, in order. After the last step QUIT is said and answered. */
export type ScriptStep = readonly [say: Say, ...answers: readonly Answer[]];

export type Say =
  /** A command line; its CRLF is added. */
  | string
  /** Lines in one write, each with its CRLF: a pipelined group, or a message's content. */
  | readonly string[]
  /** Exactly this, nothing added. */
  | { readonly octets: string }
  /** A command so often as the server's limit of that name allows; the answer is given to each. */
  | { readonly line: string; readonly times: Limit }
  /** The client's side of a TLS handshake; nothing is answered. */
  | { readonly handshake: "TLS" };

export type Limit = "errors" | "recipients";

/**
 * Reply code and enhanced code (RFC 3463), or the reply code alone where no enhanced code belongs (greeting,
 * EHLO, 354); or the end of the connection.
 */
export type Answer = `${number} ${number}.${number}.${number}` | `${number}` | "closed";

/** Parts of a mail server that some vectors are about. */
export type Feature =
  | "starttls"
  | "idn-domain"
  | "catch-all"
  | "full-mailbox"
  /** The listener is a submission port; it is tried only with vectors that need one. */
  | "submission"
  /** Who has logged in may send abroad, and as himself alone. */
  | "auth"
  /** AUTH LOGIN is among the mechanisms. */
  | "auth-login"
  | "certificate"
  | "proxy"
  | "trusted-network"
  | "reverse-name"
  /** Every client is on a list of good senders. */
  | "allow-list"
  | "gateway"
  | "gateway-aliases"
  | "srs"
  /** Relay tests of other servers come back here. */
  | "relay-tests"
  | "alias-abroad"
  | "auto-reply"
  | "mailing-list"
  | "reports"
  | "smart-host";

export interface Given {
  /** The client's address as the operating system prints it; a stranger's public address unless given. */
  readonly client?: string;
  /** The name of the client's PTR record, which does not lead back to its address. */
  readonly reverseName?: string;
  readonly certificate?: GivenCertificate;
  /** DMARC says pass: organizational domains of the author, and of the sender. */
  readonly dmarc?: { readonly author: string; readonly sender: string };
  /** What SPF says (RFC 7208 §2.6) of the sender domains that are named; of others "none". */
  readonly spf?: Readonly<Record<string, "pass" | "fail" | "softfail" | "neutral" | "temperror">>;
  /** The site is as one that refuses unknown recipients whoever asks; absent: as one that has them reported. */
  readonly unknown?: "refuse";
  /** Whoever logs in has lost his mailbox, password or certificate right afterwards. */
  readonly login?: "taken back";
  /** Every read of the directory fails. */
  readonly directory?: "failing";
}

export type GivenCertificate =
  | ForgedCertificate
  /** The operator has mapped it to `{user}`: who has it may log in as that mailbox. */
  | "user's"
  /** In order, for the domain of ../names.ts that a peer may send from, and nobody's here. */
  | "public"
  /** In order; the operator has entered whoever has it, by that name. */
  | "peer of a public authority"
  /** Of a peer that is known by its key. */
  | "peer without pairs"
  | "peer";

/** Worth nothing. */
export type ForgedCertificate =
  | "self-signed"
  | "unknown issuer"
  | "wrong name"
  | "expired"
  | "server only"
  | "revoked, session resumed";
