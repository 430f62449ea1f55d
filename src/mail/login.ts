/** Somebody who has shown a password of one of our mailboxes in this session. What it may do is decided elsewhere. */
import type { MailboxId } from "./mailbox-id.ts";

export interface Login {
  readonly mailbox: MailboxId;
  /** The mailbox's own address: local key, "@", domain. */
  readonly address: string;
  /** The app password that was used; absent where it was the mailbox's own. */
  readonly appPassword?: string;
}
