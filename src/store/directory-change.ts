/** Every change that can be made to the directory, as a value: each is one transaction, or does not fit what is there. */
import type { Domain, MailboxId, Peer, SenderGrant } from "../mail/index.ts";
import type { AliasEntry, AppPasswordProtocol, DkimKey } from "./directory-entries.ts";
import type { PeerAuthority } from "./peers.ts";

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
  | {
      readonly kind: "add-certificate";
      readonly mailbox: MailboxId;
      readonly name: string;
      /** SHA-256 of its public key, which is no other mailbox's; as `CertificateEntry` has it. */
      readonly key: string;
      readonly expiresAt?: number;
    }
  | {
      readonly kind: "remove-certificate";
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
