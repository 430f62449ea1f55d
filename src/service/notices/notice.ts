/** A notice of ours, into a mailbox of this server and nowhere else; with a record in the journal, so that `explain` shows what was written. */
import {
  dateTime,
  isAscii,
  messageId,
  printable,
  SESSION_ID_ENTROPY_OCTETS,
  sessionId,
  type Facts,
  type MailboxId,
  type MessageId,
  type SessionFacts,
} from "../../mail/index.ts";
import type { Random } from "../../runtime/index.ts";
import type { CommitResult, Notice, SessionRecord, Store } from "../../store/index.ts";

export interface NoticeParts {
  readonly store: Pick<Store, "openMessage">;
  readonly hostname: string;
  readonly random: Random;
}

export interface OwnNotice {
  readonly into: MailboxId;
  /** Whom it is for, wire form. */
  readonly to: string;
  readonly subject: string;
  readonly lines: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of which one a day is enough; absent: it is stored however often it is written. */
  readonly once?: Notice;
  readonly record: {
    /** Whom the notice is about: the client, and addresses as journal keys. */
    readonly ip: string;
    readonly addresses: readonly string[];
    /** What has led to it, in one or two words. */
    readonly check: string;
    readonly evidence: Facts;
    /** To whom it goes, in words: "notice to the operator". */
    readonly listener: string;
  };
}

/** Rejects where the store does. */
export async function postNotice(
  { store, hostname, random }: NoticeParts,
  notice: OwnNotice,
): Promise<CommitResult> {
  const session = sessionId(random.octets(SESSION_ID_ENTROPY_OCTETS));
  const id = messageId(session, 1);
  const text = noticeOctets(notice, hostname, id);
  const draft = store.openMessage();
  draft.write(text, () => {});
  return draft.commit({
    id,
    head: Buffer.from("Return-Path: <>\r\n"),
    mailboxes: [notice.into],
    ...(notice.once !== undefined && { notice: notice.once }),
    record: recordOf(notice, { session, id, octets: text.length }),
  });
}

/** Header section and text, ready to stand below Return-Path. */
function noticeOctets(
  { to, subject, lines, at }: OwnNotice,
  hostname: string,
  id: MessageId,
): Uint8Array {
  const text = lines.join("\r\n");
  const ascii = isAscii(text);
  return Buffer.from(
    `From: Gatepost <postmaster@${hostname}>\r\n` +
      `To: <${to}>\r\n` +
      `Subject: ${printable(subject)}\r\n` +
      `Date: ${dateTime(at)}\r\n` +
      `Message-ID: <${id}@${hostname}>\r\n` +
      "Auto-Submitted: auto-generated\r\n" + // RFC 3834: nobody's program answers it
      "MIME-Version: 1.0\r\n" +
      `Content-Type: text/plain; charset=${ascii ? "us-ascii" : "utf-8"}\r\n` +
      `Content-Transfer-Encoding: ${ascii ? "7bit" : "8bit"}\r\n\r\n${text}`,
  );
}

function recordOf(
  { at, record: { ip, addresses, check, evidence, listener } }: OwnNotice,
  message: {
    readonly session: SessionRecord["session"];
    readonly id: MessageId;
    readonly octets: number;
  },
): SessionRecord {
  const { session, id, octets } = message;
  const decision = { check, action: "accept", evidence } as const;
  const facts: SessionFacts = {
    v: 1,
    protocol: "smtp",
    session,
    at,
    endedAt: at,
    listener,
    ip,
    events: [{ at: 0, kind: "message", message: id, octets, decision }],
    ending: "sent",
  };
  return { session, at, ip, addresses, json: JSON.stringify(facts) };
}
