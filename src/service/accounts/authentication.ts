/** What a login is, as others see it: who asks, what is used of the directory, and what can come of it. */
import type { Domain, Ip, MailboxId } from "../../mail/index.ts";
import type { ScramVerifier } from "../../protocol/sasl/index.ts";
import type { CertificateDirectory } from "./certificate-login.ts";
import type { AppPasswordEntry, MailboxEntry } from "../../store/index.ts";

/** What is used of the directory; it throws a StoreError when it cannot be read. */
export interface LoginDirectory extends CertificateDirectory {
  mailbox(local: string, domain: Domain): MailboxEntry | undefined;
  verifier(id: MailboxId): string | undefined;
  scramVerifier(id: MailboxId): string | undefined;
  appPasswords(id: MailboxId): readonly AppPasswordEntry[];
  noteAppPasswordUse(id: MailboxId, name: string, at: number): void;
  /** Octets that never change and that nobody else knows. */
  secret(): Uint8Array;
}

/** Who tries to log in, and where to. */
export interface Visitor {
  readonly ip: Ip;
  readonly protocol: "pop3" | "smtp";
}

export type Authentication =
  /** `appPassword`: the name of the one that was used. */
  | { readonly kind: "ok"; readonly mailbox: MailboxEntry; readonly appPassword?: string }
  /** No such name, no such password, or both: nobody outside learns which. */
  | { readonly kind: "wrong" }
  /** The password was right. */
  | { readonly kind: "disabled" }
  /** Too many logins are being checked; nothing was found out about this one. */
  | { readonly kind: "busy" }
  /** Too many logins from there are being held back; nothing was found out about this one. */
  | { readonly kind: "slowed" }
  /** The directory did not answer. */
  | { readonly kind: "unavailable"; readonly reason: string }
  /** The stored verifier is none: an administrator has to set a new password. */
  | { readonly kind: "damaged"; readonly reason: string };

/** `slowedMs`: how long the login was held back because of wrong passwords before it; absent: not at all. */
export type LoginResult = Authentication & { readonly slowedMs?: number };

/** Whether a login that was let in still stands. */
export type Standing =
  | "yes"
  /** Its mailbox was disabled since. */
  | "disabled"
  /** Its mailbox was removed, or the app password or certificate that it used. */
  | "gone";

/** A SCRAM login between its two questions. */
export interface ScramLogin {
  readonly kind: "scram";
  /** What the client's proof is held against; of a name of nobody, one that nothing fits. */
  readonly verifier: ScramVerifier;
  /** The server's part of the nonce. */
  readonly nonce: string;
  /** Whether the client's proof was right. Once. */
  readonly finish: (right: boolean) => Promise<LoginResult>;
}
