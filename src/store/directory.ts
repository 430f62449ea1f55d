/** The directory: who has mail here and who may relay. How it is read, and how a change of it is made. */
import type { Domain, MailboxId, SenderGrant } from "../mail/index.ts";
import type { CertificateEntry } from "./certificates.ts";
import type { ChangeResult, DirectoryChange } from "./directory-change.ts";
import type {
  AliasEntry,
  AppPasswordEntry,
  DkimKeyEntry,
  DomainEntry,
  MailboxEntry,
} from "./directory-entries.ts";
import type { PeerAuthority, PeerEntry, PeerSeen } from "./peers.ts";

/**
 * Reads are synchronous and see every change, also another process's, at once. `local` is always a local
 * key (`localKey`), sub-addresses already taken off.
 */
export interface Directory {
  domain(name: Domain): DomainEntry | undefined;
  mailbox(local: string, domain: Domain): MailboxEntry | undefined;
  mailboxById(id: MailboxId): MailboxEntry | undefined;
  alias(local: string, domain: Domain): AliasEntry | undefined;
  /** The stored verifier of a mailbox's password (a PHC string); undefined where there is none. */
  verifier(id: MailboxId): string | undefined;
  /** The same password's verifier for SCRAM; undefined where there is none. */
  scramVerifier(id: MailboxId): string | undefined;
  /** In the order of their names; none for a mailbox that is not there. */
  appPasswords(mailbox: MailboxId): readonly AppPasswordEntry[];
  /** By which one logs in as it, in the order of their names; none for a mailbox that is not there. */
  certificates(mailbox: MailboxId): readonly CertificateEntry[];
  /** The one with this key. */
  certificate(key: string): CertificateEntry | undefined;
  /** What it may send as besides its own addresses, by domain and local part; none for a mailbox that is not there. */
  senderGrants(mailbox: MailboxId): readonly SenderGrant[];
  /** In the order of their selectors, retired ones too until a later rotation forgets them; none for a domain that is not there. */
  dkimKeys(domain: Domain): readonly DkimKeyEntry[];
  /** In the order of their names. */
  peers(): readonly PeerEntry[];
  peer(name: string): PeerEntry | undefined;
  /** With which peers' certificates are made here; undefined until the first is. */
  peerAuthority(): PeerAuthority | undefined;
  /** At least 32 random octets, made with the store and never changed. Whoever has the store has them too. */
  secret(): Uint8Array;

  domains(): readonly DomainEntry[];
  /** Ordered by domain, then by local part; of one domain or of all; at most `limit` after the key `after`. */
  mailboxes(page: DirectoryPage): readonly MailboxEntry[];
  aliases(page: DirectoryPage): readonly AliasEntry[];

  /** Grows with every change made by `change`, whoever makes it; deposits and deletions of mail are none. */
  revision(): number;
  /** Grows with every change that the relay proof ranges over: a domain, a catch-all, an alias, a peer. */
  proofRevision(): number;

  /**
   * Makes a change, shows the directory that would result to `inspect`, and commits only if that says
   * true; resolves to whether it did. While it runs, nobody else changes the directory.
   */
  change(
    change: DirectoryChange,
    inspect: (after: DirectoryReads) => boolean | Promise<boolean>,
  ): Promise<ChangeResult>;

  /**
   * Notes within a second that an app password was used; nobody waits. Never moves `lastUsedAt` back, and passes over
   * one that has gone. May be lost in a crash.
   */
  noteAppPasswordUse(mailbox: MailboxId, name: string, at: number): void;
  /** The same of the certificate with this key. */
  noteCertificateUse(key: string, at: number): void;
  /** Notes within a second that a peer was here, in the same way. */
  notePeerSeen(name: string, seen: PeerSeen): void;
}

export type DirectoryReads = Omit<
  Directory,
  "change" | "noteAppPasswordUse" | "noteCertificateUse" | "notePeerSeen"
>;

export interface DirectoryPage {
  readonly domain?: Domain;
  readonly after?: { readonly local: string; readonly domain: Domain };
  readonly limit: number;
}
