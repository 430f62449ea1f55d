/** A message on its way into the store: written as it comes, and committed with all that belongs to it, or not at all. */
import type { MailboxId, MessageId } from "../mail/index.ts";
import type { SessionRecord } from "./journal.ts";
import type { Departure } from "./queue.ts";
import type { Notice, SentMessage } from "./sending.ts";
import type { ReportMail } from "./report-mails.ts";

export interface MessageDraft {
  /**
   * Takes a copy of the slice. False: memory is at its bound, wait for the `drained` callback before more. What
   * cannot be stored is forgotten here and refused by `commit`.
   */
  write(slice: Uint8Array, drained: () => void): boolean;
  /** Everything in one transaction, flushed before it resolves. */
  commit(message: Acceptance): Promise<CommitResult>;
  /** Drops what was written. Harmless after a commit. */
  abandon(): void;
}

export interface Acceptance {
  readonly id: MessageId;
  /** Trace fields and whatever else stands before the content that was written. */
  readonly head: Uint8Array;
  /** Local recipients; each mailbox once. */
  readonly mailboxes: readonly MailboxId[];
  /** Recipients elsewhere: their queue rows are in the same transaction. */
  readonly departure?: Departure;
  /** A login's message: it is counted, and refused where a limit is reached. */
  readonly sending?: SentMessage;
  /** Refused where there was one of this day. */
  readonly notice?: Notice;
  /** It may bring a report: besides everything else it waits to be collected. */
  readonly report?: ReportMail;
  readonly record: SessionRecord;
}

export type CommitResult =
  | { readonly kind: "committed" }
  /** Nothing was stored: a mailbox has gone since RCPT, this message does not fit its quota, or it has sent too much. */
  | {
      readonly kind: "refused";
      readonly why: "mailbox gone" | "over quota" | "sending limit" | "noticed before";
      readonly mailbox: MailboxId;
    };
