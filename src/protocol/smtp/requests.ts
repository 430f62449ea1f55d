/**
 * What the SMTP server session asks its desk, what it tells, and what it is answered. Field names are those
 * of RFC 5321. The engine checks grammar and order; every decision about people is the desk's.
 */
import type {
  DsnRecipientParameters,
  DsnSenderParameters,
  ForwardPath,
  ReversePath,
  SenderParameters,
  Status,
} from "../../mail/index.ts";
import type { OctetFault, TlsFacts } from "../dialogue/index.ts";
import type { SaslAnswer, SaslAsk } from "../sasl/index.ts";

export type SmtpAsk =
  /** Before the greeting. A refusal is said instead of it, and the connection ends. */
  | { readonly kind: "connected" }
  /** `name` is what the client calls itself: 1 to 255 printable ASCII characters that can stand in a Received field. */
  | { readonly kind: "helo"; readonly verb: "EHLO" | "HELO"; readonly name: string }
  | {
      readonly kind: "sender";
      readonly reversePath: ReversePath;
      readonly parameters: SenderParameters;
      /** What a client that has logged in wants of reports; absent where it said nothing of it. */
      readonly dsn?: DsnSenderParameters;
    }
  | {
      readonly kind: "recipient";
      readonly forwardPath: ForwardPath;
      /** The same about this recipient. */
      readonly dsn?: DsnRecipientParameters;
      /** The path named hops before the address (`<@a,@b:user@c>`); they were taken off. */
      readonly sourceRoute: boolean;
    }
  /** DATA or the first BDAT: may content follow? It will go to the accepted recipients. */
  | { readonly kind: "content"; readonly chunked: boolean }
  /** All content has been passed as body slices: what shall become of the message? */
  | { readonly kind: "message"; readonly octets: number }
  /** AUTH: whose password or certificate is this, what is kept of it, was it proved? */
  | SaslAsk;

/** The desk's word on an ask. */
export type SmtpAnswer =
  /** To "credentials", "verifier", "proof" and "external": the only yes to them. No words of a `status` let anybody in. */
  | SaslAnswer
  /** Yes, in the engine's own words. To `helo`, `external`: the certificate that the client showed is one to log in by. */
  | { readonly kind: "proceed"; readonly external?: boolean }
  /**
   * Yes or no, in these words; 4xx and 5xx are a no. The yes to `connected`, `helo` and `content` has a fixed
   * form, so its words are not said. A no to `content` ends the transaction, as any answer to `message` does.
   */
  | { readonly kind: "status"; readonly status: Status }
  /** No, in these words, and the connection ends. */
  | { readonly kind: "end"; readonly status: Status };

export type SmtpTell =
  | { readonly kind: "secured"; readonly tls: TlsFacts }
  /**
   * The open transaction is void: RSET, a new EHLO or HELO, TLS, content that was refused. Its recipients and its
   * content so far are to be dropped. (`ended` says the same of whatever is still open.)
   */
  | { readonly kind: "reset" }
  /** The engine itself refused a command or a content (grammar, order, limits); `command` is the line, shortened and printable. */
  | { readonly kind: "refused"; readonly command: string; readonly status: Status }
  /** Why the session ended; the last tell. */
  | { readonly kind: "ended"; readonly ending: SmtpEnding };

export type SmtpEnding =
  | "quit"
  | "closed by client"
  | "timeout"
  | "shutdown"
  | "refused" // the desk ended it
  | "too many errors"
  | "too many transactions"
  | "early talker"
  | "plaintext after STARTTLS"
  | "malformed BDAT" // nobody can say how much content follows it
  | OctetFault;

/** What one listener's sessions are told; plain values, units in the names. */
export interface SmtpSettings {
  readonly hostname: string;
  /** Named in refusals and in the final 250, so that a sender can ask about it. */
  readonly sessionId: string;
  readonly startTls: "offered" | "established" | "unavailable";
  /** The TLS facts of a listener with implicit TLS ("established"). */
  readonly tls?: TlsFacts;
  /** A port where users hand in their own mail (RFC 6409). Absent: mail comes from other servers, and nobody logs in. */
  readonly submission?: SubmissionSettings;
  readonly limits: SmtpLimits;
}

/**
 * On such a port nothing is sent before a login, and a login needs TLS, from whatever address (RFC 8314 §3.3).
 */
export interface SubmissionSettings {
  /** AUTH LOGIN is offered beside AUTH PLAIN: for clients that know nothing better. */
  readonly authLogin: boolean;
  /** A line of an AUTH exchange, the command with its initial response included, with CRLF (RFC 4954 §4: 12,288). */
  readonly saslLineOctets: number;
}

export interface SmtpLimits {
  /** RFC 1870 SIZE. */
  readonly messageOctets: number;
  /** Recipients of one transaction (RFC 5321 §4.5.3.1.8: at least 100). */
  readonly recipients: number;
  /** Refused commands; the last one is followed by 421 4.7.0. */
  readonly errors: number;
  /** A command line, CRLF included (RFC 5321 §4.5.3.1.4: at least 512, more by extensions). */
  readonly commandLineOctets: number;
  /** RFC 9422 MAILMAX: MAIL commands in one session, accepted by the desk or not; at most 999999. */
  readonly transactions: number;
  readonly commandTimeMs: number;
  readonly contentTimeMs: number;
  /** Instead of both, where it is less, while the server is crowded. */
  readonly crowdedTimeMs: number;
}
