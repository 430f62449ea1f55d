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
}

export interface Envelope {
  readonly reversePath: ReversePath;
  readonly forwardPaths: readonly ForwardPath[];
}
