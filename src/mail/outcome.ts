/**
 * What became of one recipient in one attempt to deliver a message. The status says why, in the words of whoever
 * decided; `delivered` is only ever said after the next hop took responsibility (RFC 5321 §4.2.5).
 */
import type { Status } from "./status.ts";

export interface Outcome {
  readonly kind: "delivered" | "deferred" | "failed";
  readonly status: Status;
  /**
   * Deferred although the message may be there: all of it was sent, and the connection broke before the answer. A next attempt
   * can make a second copy; none would risk the only one (RFC 5321 §4.1.1.4 and RFC 1047).
   */
  readonly mayHaveArrived?: true;
}
