/** A server that has the mailboxes of `inner.example` and takes their mail by LMTP, as the tests see it. */

/** `full` has a quota that nothing more fits in. */
export type LmtpUser = "bob" | "carl" | "full";

export const LMTP_USERS: readonly LmtpUser[] = ["bob", "carl", "full"];

/** As who it works: nobody, on every Debian. */
export const NOBODY = 65_534;

export interface LmtpServer {
  /** Where it is, as `relay.domains` says it. */
  readonly mailboxes: string;
  log(): string;
  /** Messages in the mailbox, as stored, with LF. */
  messages(user: LmtpUser): readonly string[];
  stop(): Promise<void>;
}
