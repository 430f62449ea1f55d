/**
 * Mail that may bring a report, of the store's contract. It waits in the store until it is collected: then what it reports is kept and the
 * mail goes, or the mail goes into a mailbox as it came. Each write is one transaction. Times are milliseconds since 1970.
 */
import type { Domain, MailboxId, MessageId } from "../mail/index.ts";

declare const stored: unique symbol;

/** The number of a mail that waits: never reused. */
export type ReportMailId = number & { readonly [stored]: "report mail" };

/** What a mail reports, by the address that it came to. */
export type ReportSubject =
  /** TLS with our servers (RFC 8460). */
  | { readonly about: "tls" }
  /** Hosts that relay. `reporter`: whose it surely is, a login or a domain. */
  | { readonly about: "relay"; readonly reporter: string };

/** What a message is committed with that may bring a report. */
export type ReportMail = ReportSubject & {
  /** Whose quota it counts for while it waits; refused where that has no room. */
  readonly mailbox: MailboxId;
  /** Of the address that it came to. */
  readonly domain: Domain;
  /** The reverse-path, wire form without brackets; "" for the null path. */
  readonly from: string;
  readonly ip: string;
  readonly at: number;
};

export type WaitingReport = ReportSubject & {
  readonly id: ReportMailId;
  readonly message: MessageId;
  /** Head and content. */
  readonly octets: number;
  readonly domain: Domain;
  readonly from: string;
  readonly ip: string;
  readonly at: number;
};

export interface ReportMails {
  /** Mail that waits, oldest first. Synchronous, like the directory's reads. */
  waiting(limit: number): readonly WaitingReport[];
  /** As a maildrop's message is read: octets from `offset`, at most `limit`; empty at the end, undefined when it is gone. */
  read(
    id: ReportMailId,
    offset: number,
    limit: number,
  ): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** What it reports is kept elsewhere. Harmless for mail that has gone. */
  drop(id: ReportMailId): Promise<void>;
  /** Puts the mail into a mailbox, whatever its quota; false where that has gone, and then it waits as before. */
  deposit(id: ReportMailId, mailbox: MailboxId): Promise<boolean>;
}
