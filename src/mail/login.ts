/** Somebody who has shown a password of one of our mailboxes in this session, or a certificate that stands for it. What it may do is decided elsewhere. */
import type { MailboxId } from "./mailbox-id.ts";

export interface Login {
  readonly mailbox: MailboxId;
  /** The mailbox's own address: local key, "@", domain. */
  readonly address: string;
  /** The app password that was used; absent where it was the mailbox's own. */
  readonly appPassword?: string;
  /** Of the certificate that was shown instead: SHA-256 of its public key, lower hexadecimal digits. */
  readonly certificateKey?: string;
}
