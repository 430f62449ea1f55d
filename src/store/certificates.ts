/** Certificates by which owners of mailboxes, or programs of theirs, log in to send (SASL EXTERNAL), as the operator has entered them. */
import type { MailboxId } from "../mail/index.ts";

export interface CertificateEntry {
  readonly mailbox: MailboxId;
  /** The owner's word for it; no other of the mailbox has it. */
  readonly name: string;
  /** SHA-256 of its SubjectPublicKeyInfo, lower hexadecimal digits. It is one mailbox's: who shows it is nobody else. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When the certificate ends that was made for it here, milliseconds since 1970; absent where it was made elsewhere. */
  readonly expiresAt?: number;
  /** When its last use was noted, milliseconds since 1970; absent: it was never used. */
  readonly lastUsedAt?: number;
}
