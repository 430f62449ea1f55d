/**
 * What was seen of whose the reverse-path of a message is: as it was found, before anybody concluded anything from it. The queue
 * keeps it with the message, so that what is written to that address later can be held against it.
 */
export interface SenderEvidence {
  /** The reverse-path that the message came with, wire form without brackets; a forward leaves with another. */
  readonly sender: string;
  /** The trusted network that handed it in. */
  readonly network?: string;
  /** The domain for which SPF said pass (RFC 7208 §2.6.3); absent where it said anything else. */
  readonly spf?: string;
  /** DMARC said pass: organizational domains (RFC 9989 §4.10.2) of its author, and of the reverse-path. */
  readonly dmarc?: { readonly author: string; readonly sender: string };
}
