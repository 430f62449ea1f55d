/**
 * What a protocol engine is: bytes and answers in, steps out, nothing else. No socket, promise, clock or
 * randomness; whoever drives it does the steps in order. Promises: at most one question is open, and
 * while one is, input is kept and nothing of it consumed. Pipelining, back-pressure and order follow.
 */

/** What a finished TLS handshake says about the connection. */
export interface TlsFacts {
  /** As Node names it: "TLSv1.3". */
  readonly version: string;
  /** IANA name of the cipher suite: "TLS_AES_256_GCM_SHA384". */
  readonly cipher: string;
  /**
   * Keying material that both ends of this connection and nobody else can make (RFC 9266 `tls-exporter`): what a login is
   * bound to. Only of TLS 1.3, and only where somebody may ask for it. Never written down.
   */
  readonly exporter?: Uint8Array;
  /** Those that a client showed in this handshake, in its order, its own first; DER. Absent where it showed none, or was not asked. */
  readonly clientCertificates?: readonly Uint8Array[];
}

export type Step<Ask, Tell> =
  /** Text (ASCII) or bytes for the other side. */
  | { readonly kind: "send"; readonly data: string | Uint8Array }
  /** A question to the desk. Always the last step of a list; the next input is its `answer`. */
  | { readonly kind: "ask"; readonly ask: Ask }
  /** A fact for the desk; no answer. */
  | { readonly kind: "tell"; readonly tell: Tell }
  /** A slice of a message's content, valid only during the call: whoever keeps it copies it. */
  | { readonly kind: "body"; readonly slice: Uint8Array }
  /** Write all of the above out; last of its list. The next input is `drained`, when the wire has taken it. */
  | { readonly kind: "flush" }
  /** Begin TLS, in the part that the engine plays; last of its list. The next input is `secured`, or `closed`. */
  | { readonly kind: "start-tls" }
  /** Write out, then end the connection; last of its list. */
  | { readonly kind: "close" };

export interface Session<Ask, Tell, Answer> {
  /** The connection is there (and TLS stands, when it was implicit). Called once, first. */
  start(): Steps<Ask, Tell>;
  /** Bytes from the other side. The engine may keep the array. */
  receive(bytes: Uint8Array): Steps<Ask, Tell>;
  answer(answer: Answer): Steps<Ask, Tell>;
  drained(): Steps<Ask, Tell>;
  secured(facts: TlsFacts): Steps<Ask, Tell>;
  /** The other side was silent for longer than `patienceMs`, or the session grew too old. */
  timeout(): Steps<Ask, Tell>;
  /** Our program wants to stop: the session ends as soon as the protocol allows (a server says 421, a client QUIT). */
  shutdown(): Steps<Ask, Tell>;
  /** The connection is gone. Called once, last; its steps can only be tells. */
  closed(): Steps<Ask, Tell>;
  /** How long the other side may take now, in milliseconds; less for strangers where they crowd the server. */
  patienceMs(crowded?: boolean): number;
  /** Grows with each complete command and each octet of content: what counts as not being silent. */
  progress(): number;
}

export type Steps<Ask, Tell> = readonly Step<Ask, Tell>[];

/**
 * Octets of replies after which an engine asks for a flush before it obeys the next command. A command of eight octets has a
 * reply of two hundred: what a client says in one segment and never reads the replies to must not fill our memory.
 */
export const REPLIES_LIMIT = 16_384;

/** Steps that every engine uses. */
export const CLOSE = { kind: "close" } as const;
export const FLUSH = { kind: "flush" } as const;
export const START_TLS = { kind: "start-tls" } as const;
export const NO_STEPS: readonly never[] = [];
