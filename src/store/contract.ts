/**
 * What any store of Gatepost keeps and finds; it never decides. Each write is one transaction, and its
 * promise is kept only when the data is flushed to the disk: what was resolved survives a power cut. A broken or
 * slow store rejects (reads throw) with a `StoreError`; callers turn that into 451, never into 250. One
 * contract suite (test/contract) runs over every engine.
 */
import { OperatorError } from "../runtime/index.ts";
import type { Domain, MailboxId, MessageId, Peer, SenderGrant } from "../mail/index.ts";
import type { Greylist } from "./greylist.ts";
import type { IdentityCounts } from "./identity-counts.ts";
import type { Journal, SessionRecord } from "./journal.ts";
import type { PeerAuthority, PeerEntry, PeerSeen } from "./peers.ts";
import type { Departure, Queue } from "./queue.ts";
import type { Notice, Sending, SentMessage } from "./sending.ts";
import type { StsPolicies } from "./sts-policies.ts";
import type { ReportMail, TlsReports } from "./tls-reports.ts";
import type { TlsResults } from "./tls-results.ts";

export class StoreError extends OperatorError {
  override readonly name: string = "StoreError";
}

/** The store has its one server already: another process, or another part of this one. */
export class StoreInUse extends StoreError {
  override readonly name = "StoreInUse";
  readonly pid: number;

  constructor(store: string, pid: number) {
    super(`${store} is in use by a server that runs as process ${pid}`);
    this.pid = pid;
  }
}

export interface Store {
  readonly directory: Directory;
  readonly journal: Journal;
  readonly maildrops: Maildrops;
  readonly queue: Queue;
  readonly sending: Sending;
  readonly stsPolicies: StsPolicies;
  readonly tlsReports: TlsReports;
  readonly tlsResults: TlsResults;
  readonly identityCounts: IdentityCounts;
  readonly greylist: Greylist;
  /**
   * Drops what a crash left half done, and ends the leases of the server before, whose rows are then due and in doubt.
   * For the store's one server, once, before anybody can send it mail.
   */
  recover(): Promise<void>;
  /** Begins a message. Nothing of it can be seen before its commit. */
  openMessage(): MessageDraft;
  /** Writes what is pending and lets go of the files. */
  close(): Promise<void>;
}

// ---- Directory: domains, mailboxes, aliases, peers -----------------------------------------------

export interface DomainEntry {
  readonly name: Domain;
  /** Mailbox that takes what no other name of the domain takes. */
  readonly catchAll?: MailboxId;
}

export interface MailboxEntry {
  readonly id: MailboxId;
  readonly local: string; // a local key, see mail/address
  readonly domain: Domain;
  readonly disabled: boolean;
  /** Octets; absent means no quota. */
  readonly quotaOctets?: number;
  readonly usedOctets: number;
  readonly messages: number;
  /** How many times the usual it may send; absent: once. */
  readonly sendingFactor?: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A password for one device or program of a mailbox's owner, which can be taken back alone. */
export interface AppPasswordEntry {
  /** The owner's word for it; no other of the mailbox has it. */
  readonly name: string;
  /** SHA-256 of it, base64. */
  readonly hash: string;
  /** Where it is taken. */
  readonly protocol: AppPasswordProtocol;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When its last use was noted, milliseconds since 1970; absent: it was never used. */
  readonly lastUsedAt?: number;
}

export type AppPasswordProtocol = "pop3" | "smtp" | "any";

export const DKIM_ALGORITHMS = ["rsa-2048", "ed25519"] as const;
export type DkimAlgorithm = (typeof DKIM_ALGORITHMS)[number];

/** A pair of keys with which a domain signs its mail; the public one can be told from the private one. */
export interface DkimKey {
  /** The record of its public key is at `selector._domainkey.domain`. */
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  /** PKCS#8, PEM. */
  readonly privateKey: string;
}

export type DkimKeyEntry = DkimKey & {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
} & (
    | {
        /** In the DNS before it signs; then it signs. */
        readonly state: "published" | "signing";
      }
    /** Signs no more. Its record stays for mail on its way; after this time (milliseconds since 1970) it may go. */
    | { readonly state: "retired"; readonly publishedUntil: number }
  );

export interface AliasEntry {
  readonly local: string;
  readonly domain: Domain;
  /** Where it leads: addresses in wire form. */
  readonly targets: readonly string[];
}

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
  /** Notes within a second that a peer was here, in the same way. */
  notePeerSeen(name: string, seen: PeerSeen): void;
}

export type DirectoryReads = Omit<Directory, "change" | "noteAppPasswordUse" | "notePeerSeen">;

export interface DirectoryPage {
  readonly domain?: Domain;
  readonly after?: { readonly local: string; readonly domain: Domain };
  readonly limit: number;
}

export type DirectoryChange =
  | {
      readonly kind: "add-domain";
      readonly domain: Domain;
      /** Sign at once. */
      readonly dkimKeys?: readonly DkimKey[];
    }
  | { readonly kind: "set-domain"; readonly domain: Domain; readonly catchAll: MailboxId | null }
  | { readonly kind: "remove-domain"; readonly domain: Domain }
  | {
      readonly kind: "add-mailbox";
      readonly local: string;
      readonly domain: Domain;
      readonly verifier: string;
      readonly scramVerifier?: string;
      readonly quotaOctets?: number;
    }
  | {
      readonly kind: "set-mailbox";
      readonly id: MailboxId;
      /** A new password: both verifiers are replaced, and where no second one is given there is none afterwards. */
      readonly verifier?: string;
      readonly scramVerifier?: string;
      readonly quotaOctets?: number | null;
      readonly disabled?: boolean;
      /** At least 1; null: the usual limits. */
      readonly sendingFactor?: number | null;
    }
  | { readonly kind: "remove-mailbox"; readonly id: MailboxId }
  | {
      readonly kind: "add-app-password";
      readonly mailbox: MailboxId;
      readonly name: string;
      readonly hash: string;
      readonly protocol: AppPasswordProtocol;
    }
  | {
      readonly kind: "remove-app-password";
      readonly mailbox: MailboxId;
      readonly name: string;
    }
  /** `deny-sender` takes back what `allow-sender` gave. */
  | {
      readonly kind: "allow-sender" | "deny-sender";
      readonly mailbox: MailboxId;
      readonly sender: SenderGrant;
    }
  /** They sign at once where no other key does; else they are published until they are turned over, one set at a time. */
  | {
      readonly kind: "add-dkim-keys";
      readonly domain: Domain;
      readonly keys: readonly DkimKey[];
    }
  /** Published keys sign from now on; those that signed are retired, and those whose time is over are forgotten. */
  | {
      readonly kind: "turn-dkim-keys";
      readonly domain: Domain;
      /** Milliseconds since 1970. */
      readonly retiredUntil: number;
    }
  | { readonly kind: "set-alias"; readonly alias: AliasEntry }
  | { readonly kind: "remove-alias"; readonly local: string; readonly domain: Domain }
  /** `set-peer` puts this in the place of what the peer of its name was known by and may do. */
  | {
      readonly kind: "add-peer" | "set-peer";
      readonly peer: Peer;
      /** Of a certificate that was made for it, milliseconds since 1970. */
      readonly expiresAt?: number;
    }
  | { readonly kind: "remove-peer"; readonly name: string }
  /** Once: an authority that changed would leave certificates behind that nobody can follow. */
  | { readonly kind: "make-peer-authority"; readonly authority: PeerAuthority };

export type ChangeResult =
  | { readonly kind: "changed" }
  | { readonly kind: "rejected" } // `inspect` said no
  /** The change does not fit what is there; `problem` says why in words. */
  | { readonly kind: "conflict"; readonly problem: string };

// ---- Messages ------------------------------------------------------------------------------------

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

// ---- Maildrops -----------------------------------------------------------------------------------

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
