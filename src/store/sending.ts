/**
 * What mailboxes send, of the store's contract: counted in the transaction that accepts the message, so that a count is
 * exact over all sessions and nodes and survives a restart. Times are milliseconds since 1970 and always the caller's.
 */
import type { MailboxId } from "../mail/index.ts";

/** Counted in steps of five minutes. */
export const SENT_STEP_MS = 300_000;

/** How long they are kept: seven days. */
export const SENT_KEPT_MS = 604_800_000;

/** A message that a mailbox's owner hands in. */
export interface SentMessage {
  readonly mailbox: MailboxId;
  readonly at: number;
  /** Where it came from, in the caller's words; never "". */
  readonly network: string;
  readonly recipients: number;
  /** Recipients that were asked for and refused at once. */
  readonly recipientsRefused: number;
  /** The message is refused when one of them would be exceeded with it. */
  readonly limits: readonly SentLimit[];
}

/** At most so much in the steps that end after `since`, the message itself included. */
export interface SentLimit {
  readonly since: number;
  readonly messages: number;
  readonly recipients: number;
}

/** What came from one network in one step. */
export interface SentStep {
  /** Its end, which may be still to come. */
  readonly until: number;
  /** "" where it is only about recipients that failed later, in the queue. */
  readonly network: string;
  readonly messages: number;
  readonly recipients: number;
  /** At once, or when they had failed for good. */
  readonly recipientsRefused: number;
}

/** A message to the operator about a mailbox, of which one a day is enough. */
export interface Notice {
  readonly about: MailboxId;
  /** Days since 1970. */
  readonly day: number;
}

export interface Sending {
  /**
   * The steps that end after `since` and have begun by `at`, oldest first: what a clock that was ahead has left is not
   * counted. Synchronous, like the directory's reads.
   */
  sent(mailbox: MailboxId, since: number, at: number): readonly SentStep[];
}
