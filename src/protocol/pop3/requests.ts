/**
 * What the POP3 server session asks its desk, what it tells, and what it is answered. The engine checks
 * grammar, order and message numbers; who may log in and what a maildrop holds is the desk's to say.
 */
import type { OctetFault, TlsFacts } from "../dialogue/index.ts";
import type { SaslAnswer, SaslAsk, SaslMechanism } from "../sasl/index.ts";

export type Pop3Ask =
  /** Is this somebody's name and password? Both are UTF-8 texts, not empty, otherwise as the client sent them. */
  | {
      readonly kind: "credentials";
      readonly mechanism: LoginMechanism;
      readonly login: string;
      readonly password: string;
    }
  /** SCRAM: what is kept of a name's password, and then whether the client has proved that it knows it. */
  | Exclude<SaslAsk, { readonly kind: "credentials" | "external" }>
  /** Lock the maildrop of whoever has just logged in, and list it (RFC 1939 §4). */
  | { readonly kind: "open" }
  /** Octets of a message from `offset`, at most `limit`. Asked for again only when the wire has taken the last ones. */
  | {
      readonly kind: "read";
      readonly uid: string;
      readonly offset: number;
      readonly limit: number;
    }
  /** QUIT: delete these, all or none (RFC 1939 §6). */
  | { readonly kind: "remove"; readonly uids: readonly string[] };

/** USER and PASS, or a mechanism of AUTH. */
export type LoginMechanism = "USER" | Exclude<SaslMechanism, "EXTERNAL">;

export type Pop3Answer =
  /** To "credentials", "verifier" and "proof". */
  | SaslAnswer
  | { readonly kind: "denied"; readonly why: LoginDenial }
  /** To "open": what the maildrop holds, oldest first. */
  | { readonly kind: "opened"; readonly messages: readonly Pop3Message[] }
  | { readonly kind: "in-use" }
  /** To "read": at least one octet, unless the message has ended. */
  | { readonly kind: "content"; readonly octets: Uint8Array }
  | { readonly kind: "gone" }
  /** To "remove". */
  | { readonly kind: "removed" }
  /** To "open", "read" and "remove": the store did not do it. */
  | { readonly kind: "unavailable" };

export type LoginDenial =
  | "wrong" // no such name, or not its password
  | "disabled"
  | "busy" // too many logins are waiting to be checked
  | "slowed" // too many logins from there are being held back already, after many wrong passwords
  | "unavailable" // the directory did not answer
  | "damaged"; // only an administrator can mend this account

export type LoginRefusal =
  | "no TLS"
  | "malformed"
  | "other identity"
  | "channel binding"
  | "intercepted";

export interface Pop3Message {
  /** 1 to 70 characters of 0x21 to 0x7E (RFC 1939 §7). */
  readonly uid: string;
  /** Octets as stored, lines ended by CRLF. */
  readonly octets: number;
}

export type Pop3Tell =
  | { readonly kind: "secured"; readonly tls: TlsFacts }
  /** A login that the engine refused itself; whose it was is not said, it may be a password typed into the wrong field. */
  | { readonly kind: "login-refused"; readonly why: LoginRefusal }
  /** RETR sent a whole message, and the wire has taken it. */
  | { readonly kind: "retrieved"; readonly octets: number }
  /** Why the session ended; the last tell. The maildrop is free from now on. */
  | { readonly kind: "ended"; readonly ending: Pop3Ending };

export type Pop3Ending =
  | "quit"
  | "closed by client"
  | "timeout"
  | "shutdown"
  | "too many errors"
  | "plaintext after STLS"
  /** A message could not be read to its end after its beginning had been sent. */
  | "retrieval broke off"
  | OctetFault;

/** What one listener's sessions are told; plain values, units in the names. */
export interface Pop3Settings {
  readonly hostname: string;
  /** Named in the greeting and in refusals, so that a user can ask about it. */
  readonly sessionId: string;
  readonly startTls: "offered" | "established" | "unavailable";
  /** The TLS facts of a listener with implicit TLS ("established"). */
  readonly tls?: TlsFacts;
  /** Passwords may cross this connection without TLS: it is on loopback, or the operator wants it so. */
  readonly plainTextLogin: boolean;
  /** AUTH LOGIN is offered where AUTH PLAIN is: for clients that know nothing better. */
  readonly authLogin: boolean;
  /**
   * What becomes of RETR and TOP of a message with non-ASCII header fields when the client has not said UTF8.
   * RFC 6856 §2.1 wants "refused"; but hardly a client can say UTF8, and one that cannot never gets past it.
   */
  readonly internationalMessages: "sent" | "refused";
  readonly limits: Pop3Limits;
}

export interface Pop3Limits {
  /** Refused commands and failed logins before the connection is closed. */
  readonly errors: number;
  /** A command line, CRLF included (RFC 2449 §4: at least 255). */
  readonly commandLineOctets: number;
  /** A line of an AUTH exchange, CRLF included (RFC 5034 §4 sets no limit; RFC 4954 §4 has 12,288). */
  readonly saslLineOctets: number;
  /** A message's octets in memory at once, while it is sent. */
  readonly chunkOctets: number;
  /** Silence before login. */
  readonly loginTimeMs: number;
  /** Instead of it, where it is less, while the server is crowded. */
  readonly crowdedTimeMs: number;
  /** Silence after login (RFC 1939 §3: at least 10 minutes). */
  readonly idleTimeMs: number;
}
