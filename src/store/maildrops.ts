/** What a mailbox holds, as its owner's session reads it and deletes from it. */
import type { MailboxId } from "../mail/index.ts";

export interface MaildropMessage {
  /** Names the message in its mailbox for ever: 1 to 70 characters of 0x21 to 0x7E, never reused (RFC 1939 §7). */
  readonly uid: string;
  /** Octets of head and content together. */
  readonly octets: number;
}

export interface Maildrops {
  /** What the mailbox holds now, oldest first. */
  list(mailbox: MailboxId): Promise<readonly MaildropMessage[]>;
  /**
   * Octets of a message from `offset`, at most `limit`; empty at its end, undefined when it is gone. At once
   * or later: a store that has it at hand returns it without a promise.
   */
  read(
    mailbox: MailboxId,
    uid: string,
    offset: number,
    limit: number,
  ): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** Deletes in one transaction. Uids that are not there are passed over. */
  remove(mailbox: MailboxId, uids: readonly string[]): Promise<void>;
}
