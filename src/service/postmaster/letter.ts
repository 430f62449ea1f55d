/**
 * A letter of the server to its postmaster, or from him to a user of ours: the one way in which it writes to them, from the null path, so that
 * nothing can come back, and straight into the mailbox.
 */
import {
  dateTime,
  formatAddress,
  isAscii,
  printable,
  type Address,
  type MessageId,
} from "../../mail/index.ts";
import type { Acceptance, CommitResult, Store } from "../../store/index.ts";

export interface Letter {
  readonly id: MessageId;
  readonly hostname: string;
  readonly postmaster: Address;
  /** Absent: to the postmaster. */
  readonly to?: Address;
  readonly subject: string;
  /** Lines ended by CRLF. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Header section and text, ready to stand below Return-Path. */
export function letter(written: Letter): Uint8Array {
  const { id, hostname, postmaster, to = postmaster, subject, text, at } = written;
  const address = formatAddress(postmaster);
  const ascii = isAscii(text);
  return Buffer.from(
    `From: "Mail server ${hostname}" <${address}>\r\n` +
      `To: <${formatAddress(to)}>\r\n` +
      `Subject: ${printable(subject)}\r\n` +
      `Date: ${dateTime(at)}\r\n` +
      `Message-ID: <${id}@${hostname}>\r\n` +
      "Auto-Submitted: auto-generated\r\n" + // RFC 3834: nobody's program answers it
      "MIME-Version: 1.0\r\n" +
      `Content-Type: text/plain; charset=${ascii ? "us-ascii" : "utf-8"}\r\n` +
      `Content-Transfer-Encoding: ${ascii ? "7bit" : "8bit"}\r\n\r\n${text}`,
  );
}

/** Rejects when the store fails. */
export function deposit(
  content: Uint8Array,
  acceptance: Omit<Acceptance, "head">,
  store: Pick<Store, "openMessage">,
): Promise<CommitResult> {
  const draft = store.openMessage();
  draft.write(content, () => {}); // one slice is always taken
  return draft.commit({ ...acceptance, head: RETURN_PATH });
}

const RETURN_PATH = Buffer.from("Return-Path: <>\r\n");
