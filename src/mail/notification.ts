/**
 * What a sender asks for about reports on his message (RFC 3461), as values that a queue can keep. They are nouns
 * of the envelope; their grammar is in protocol/dsn.
 */

/** NOTIFY: of what the sender wants to hear for one recipient. All false is NEVER. */
export interface Notify {
  readonly success: boolean;
  readonly failure: boolean;
  readonly delay: boolean;
}

/** RET: how much of the message comes back with a report of failure. */
export type ReturnedContent = "FULL" | "HDRS";

/** ORCPT: the address as the sender first wrote it, decoded; it is carried and shown, never sent to. */
export interface OriginalRecipient {
  /** In lower case: "rfc822", "utf-8" (RFC 6533), or another system's. */
  readonly type: string;
  readonly address: string;
}
