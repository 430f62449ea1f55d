/**
 * What became of one recipient in one delivery attempt. Whether that is delivered, deferred or failed is the class of
 * its status, so the two cannot contradict each other.
 */
import { isPositive, isTransient, type Status } from "./status.ts";

export interface Outcome {
  readonly status: Status;
  /** The remote's own words; absent where the attempt did not come so far. */
  readonly reply?: RemoteReply;
  /** The connection broke after the final dot and before its answer: the remote may have the message. */
  readonly inDoubt?: true;
  /** The next hop offers DSN (RFC 3461) and has this recipient's parameters: reports on success are its own from here on. */
  readonly dsnPassedOn?: true;
}

export interface RemoteReply {
  /** Who said it: "mx.example.net [192.0.2.1]", or the address alone where there was no name. */
  readonly host: string;
  /** As they came, without line ends: "250 2.0.0 Ok: queued as 4X". */
  readonly lines: readonly string[];
}

export type OutcomeKind = "delivered" | "deferred" | "failed";

export function outcomeKind({ status }: Outcome): OutcomeKind {
  if (isPositive(status)) return "delivered";
  return isTransient(status) ? "deferred" : "failed";
}
