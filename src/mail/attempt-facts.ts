/**
 * What one delivery attempt did, in the form in which the journal keeps it and `explain` reads it again: one message,
 * one destination, all recipients that went together, with the remote's words also where it took the message.
 */
import type { Outcome } from "./outcome.ts";
import type { MessageId } from "./session-id.ts";

export interface AttemptFacts {
  /** Version of this shape; a reader that does not know it shows the JSON as it stands. */
  readonly v: 1;
  readonly protocol: "delivery";
  readonly message: MessageId;
  /** When the attempt began, milliseconds since 1970. */
  readonly at: number;
  readonly endedAt: number;
  /** The sender's journal key; "" is the null reverse-path. */
  readonly sender: string;
  readonly destination: string;
  /** Over which connection it went; absent where there was none. */
  readonly carried?: Carrier;
  /** Why it did not go to servers that were tried before, or instead. */
  readonly passedOver?: readonly string[];
  readonly recipients: readonly AttemptedRecipient[];
  /** The report of ours that left with it. */
  readonly report?: MessageId;
  /** Journal key of whom it went to, where that is not `sender`: a forward left with a path of its own. */
  readonly reportTo?: string;
}

/** The other side of a connection outwards. */
export interface Carrier {
  /** As its records or its route name it; the path of a socket of this machine. */
  readonly host: string;
  /** Absent for a socket. */
  readonly ip?: string;
  readonly tls?: { readonly version: string; readonly cipher: string };
  readonly certificate?: CarrierCertificate;
  readonly security?: CarrierSecurity;
}

/** What the other side had to show before it got mail. */
export interface CarrierSecurity {
  readonly level: SecurityLevel;
  /** By whose word: "TLSA records of mx.example.net". */
  readonly why: string;
  /** A policy that is only tested (MTA-STS): what would have come of it. */
  readonly tested?: string;
}

/**
 * dane, mta-sts: what the domain publishes. verified, encrypted: what the operator or the sender requires. opportunistic: TLS where
 * it is offered, with anybody's certificate. none: no TLS is wanted.
 */
export type SecurityLevel =
  | "dane"
  | "mta-sts"
  | "verified"
  | "encrypted"
  | "opportunistic"
  | "none";

/** What the other side showed in TLS's handshake. */
export interface CarrierCertificate {
  /** SHA-256 of its DER, hexadecimal; "" where it showed none. */
  readonly sha256: string;
  /** Why it was taken, or why not: "anybody's would do", "an authority vouches for it". */
  readonly why: string;
}

export interface AttemptedRecipient {
  /** A journal key. */
  readonly address: string;
  readonly outcome: Outcome;
  readonly end: AttemptEnd;
  /** Whether a report of ours names it, where one came into question. */
  readonly report?: { readonly due: boolean; readonly reason: string };
}

export type AttemptEnd =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed" }
  | { readonly kind: "due again"; readonly dueAt: number };
