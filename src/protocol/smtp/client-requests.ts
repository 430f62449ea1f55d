/**
 * What the SMTP client session asks its desk, what it tells, and what it is answered. Which mail goes to which host, in
 * which transaction and when again, is the desk's; how it is said, and what the answers mean, is the engine's.
 */
import type {
  BodyType,
  ForwardPath,
  OriginalRecipient,
  Outcome,
  RemoteReply,
  ReversePath,
  Status,
} from "../../mail/index.ts";
import type { TlsFacts } from "../dialogue/index.ts";
import type { SaslLogin } from "../sasl/index.ts";
import type { Capabilities } from "./client-capabilities.ts";

export type SmtpClientAsk =
  /** The server is ready for the next message, if there is one. What it can do is said; a desk may split accordingly. */
  | { readonly kind: "transaction"; readonly capabilities: Capabilities }
  /** Octets of the message from `offset`, at most `limit`. Asked for again only when the wire has taken the last ones. */
  | { readonly kind: "content"; readonly offset: number; readonly limit: number }
  /** The login's password as PBKDF2 with HMAC-SHA-256 makes it (RFC 5802 §2.2), for SCRAM. */
  | { readonly kind: "salted password"; readonly salt: Uint8Array; readonly iterations: number };

export type SmtpClientAnswer =
  /** To "transaction". */
  | { readonly kind: "transaction"; readonly transaction: OutgoingTransaction }
  /**
   * To "transaction": would these be taken, from the null reverse-path? Nothing is sent to them: it ends before DATA, and an outcome
   * is what RCPT was answered; 2xx is a yes and no delivery.
   */
  | { readonly kind: "query"; readonly recipients: readonly ForwardPath[] }
  | { readonly kind: "quit" }
  /** To "content": at least one octet. */
  | { readonly kind: "content"; readonly octets: Uint8Array }
  /** To "content": the message cannot be read. Nothing of it is delivered, and the connection ends. */
  | { readonly kind: "unavailable" }
  /** To "salted password": 32 octets. */
  | { readonly kind: "salted password"; readonly octets: Uint8Array };

/** One message for recipients that share a hop. */
export interface OutgoingTransaction {
  readonly reversePath: ReversePath;
  /** At least one. */
  readonly recipients: readonly OutgoingRecipient[];
  /** Of the content, exactly: as it is stored, without stuffed dots. */
  readonly octets: number;
  /** "8BITMIME" when there is an octet above 127 in it (RFC 6152). */
  readonly body: BodyType;
  /** Its header section needs SMTPUTF8 (RFC 6531); what the addresses need is seen from them. */
  readonly smtputf8: boolean;
  /** RFC 8689: not to a server that does not offer to keep to it. */
  readonly requireTls?: true;
  /** RFC 3461 §4.3, §4.4; said where the server offers DSN. */
  readonly dsn?: MessageDsn;
}

export interface OutgoingRecipient {
  readonly forwardPath: ForwardPath;
  readonly dsn?: RecipientDsn;
}

export interface MessageDsn {
  readonly ret?: "FULL" | "HDRS";
  /** As the sender meant it, not as xtext. */
  readonly envid?: string;
}

export interface RecipientDsn {
  readonly notify?: "NEVER" | readonly ("SUCCESS" | "FAILURE" | "DELAY")[];
  readonly originalRecipient?: OriginalRecipient;
}

export type SmtpClientTell =
  | { readonly kind: "secured"; readonly tls: TlsFacts }
  /** What became of each recipient of the transaction or query, in its order. Told once for each, and before `ended`. */
  | { readonly kind: "settled"; readonly outcomes: readonly Outcome[] }
  /**
   * The last tell. `status` says why nothing more can be delivered over this connection; a session that ends by QUIT has
   * none. `reply` are the server's words, where they ended it.
   */
  | {
      readonly kind: "ended";
      readonly ending: SmtpClientEnding;
      readonly status?: Status;
      readonly reply?: RemoteReply;
    };

export type SmtpClientEnding =
  | "quit"
  | "refused" // by its greeting, to EHLO, HELO or LHLO, or by 421 at any time
  | "closed by server"
  | "timeout"
  | "malformed reply"
  | "out of step" // a reply that cannot belong to what was said, or one that nothing was said for
  | "interrupted" // refused in the middle of the content
  | "TLS required" // by us; the server does not offer it, or refused to begin
  | "handshake failed"
  | "plaintext after STARTTLS"
  | "login failed" // refused, not to be had, or by a server that is not to be trusted with it
  | "content unfit" // it may not go out as it is
  | "content unavailable"; // our store did not give it

/** How one connection is to be used; plain values, units in the names. */
export interface SmtpClientSettings {
  /** What we call ourselves: a host name, or an address literal (RFC 5321 §4.1.1.1). */
  readonly hostname: string;
  /** Whom we speak to, in every Status that quotes it: "mx.example.org [192.0.2.1]". */
  readonly remote: string;
  /**
   * LMTP (RFC 2033) is said to what delivers into mailboxes: LHLO instead of EHLO, and after the final dot a reply for each
   * recipient that was taken. Left out, SMTP.
   */
  readonly protocol?: "smtp" | "lmtp";
  readonly startTls: "off" | "opportunistic" | "required";
  /** The TLS facts of a connection that began with TLS; STARTTLS is not said then. */
  readonly tls?: TlsFacts;
  /** A smart host wants us to log in; over TLS or not at all. */
  readonly login?: SaslLogin;
  readonly limits: SmtpClientLimits;
}

export interface SmtpClientLimits {
  /** Commands said before their replies have come, where PIPELINING is offered. */
  readonly pipelinedCommands: number;
  /** Octets of a message in memory at once. */
  readonly chunkOctets: number;
  /** Silence before the greeting. */
  readonly greetingTimeMs: number;
  /** Silence after EHLO, HELO, LHLO, STARTTLS, MAIL, RCPT or RSET, and in a TLS handshake. */
  readonly commandTimeMs: number;
  /** Silence after DATA. */
  readonly dataTimeMs: number;
  /** How long the server may take nothing of the content. */
  readonly blockTimeMs: number;
  /** Silence after the final dot. Too short a time makes second copies (RFC 1047). */
  readonly finalTimeMs: number;
  /** Silence after QUIT: nothing depends on the answer any more. */
  readonly quitTimeMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Times of RFC 5321 §4.5.3.2. A group of 50 commands fits any socket's buffers: neither side waits for the other to read. */
export const SMTP_CLIENT_LIMITS: SmtpClientLimits = {
  pipelinedCommands: 50,
  chunkOctets: 65_536,
  greetingTimeMs: 5 * MINUTE,
  commandTimeMs: 5 * MINUTE,
  dataTimeMs: 2 * MINUTE,
  blockTimeMs: 3 * MINUTE,
  finalTimeMs: 10 * MINUTE,
  quitTimeMs: 10 * SECOND,
};
