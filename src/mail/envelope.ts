/**
 * The envelope of RFC 5321 §2.3.1: where errors go and who receives. It is separate from the header
 * section, and nothing in the header section ever adds to it.
 */
import type { ForwardPath, ReversePath } from "./address.ts";

/** RFC 6152 and RFC 3030: what the client says about the body. */
export type BodyType = "7BIT" | "8BITMIME";

export interface SenderParameters {
  /** RFC 1870 declared size, octets. */
  readonly size?: number;
  readonly body?: BodyType;
  /** RFC 6531: addresses or headers hold UTF-8. */
  readonly smtputf8: boolean;
  /** RFC 8689 REQUIRETLS: only to verified servers that will keep to it too, all the way. */
  readonly requireTls?: true;
}

/** RFC 3461 §4.3 and §4.4: what the sender wants to have in a report, and the name it gave the envelope. */
export interface DsnSenderParameters {
  readonly ret?: "FULL" | "HDRS";
  /** As it came, in xtext. */
  readonly envid?: string;
}

/** RFC 3461 §4.1 and §4.2: which reports the sender wants about a recipient, and who that was at first. */
export interface DsnRecipientParameters {
  /** `NEVER` stands alone; absent means that the sender said nothing. */
  readonly notify?: readonly DsnNotify[];
  /** As it came: an address type, ";", and an address in xtext. */
  readonly orcpt?: string;
}

export type DsnNotify = "NEVER" | "SUCCESS" | "FAILURE" | "DELAY";

export interface Envelope {
  readonly reversePath: ReversePath;
  readonly forwardPaths: readonly ForwardPath[];
}
