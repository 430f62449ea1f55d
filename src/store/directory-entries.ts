/** What the directory holds: domains with their keys, mailboxes with their app passwords, aliases; peers have a file of their own. */
import type { Domain, MailboxId } from "../mail/index.ts";

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
