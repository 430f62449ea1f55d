/** Counts what mailboxes send, inside the transaction that accepts it; and remembers when the operator was told. */
import type { MailboxId } from "../../mail/index.ts";
import {
  SENT_KEPT_MS,
  SENT_STEP_MS,
  type Notice,
  type QueueId,
  type SentMessage,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer } from "./values.ts";

export type SendingRefusal = "mailbox gone" | "sending limit" | "noticed before";

export class SentCounts {
  readonly #mailbox;
  readonly #total;
  readonly #count;
  readonly #forget;
  readonly #failed;
  readonly #noticed;
  readonly #notice;

  constructor(connection: Connection) {
    this.#mailbox = connection.query("SELECT 1 FROM mailbox WHERE id = ?");
    this.#total = connection.query(
      `SELECT coalesce(sum(messages), 0), coalesce(sum(recipients), 0) FROM sent
       WHERE mailbox = ? AND until > ? AND until <= ?`,
    );
    this.#count = connection.query(
      `INSERT INTO sent VALUES (?, ?, ?, 1, ?, ?)
       ON CONFLICT DO UPDATE SET messages = messages + 1, recipients = recipients + excluded.recipients,
         recipients_refused = recipients_refused + excluded.recipients_refused`,
    );
    this.#forget = connection.query(
      "DELETE FROM sent WHERE mailbox = ? AND until NOT BETWEEN ? AND ?",
    );
    this.#failed = connection.query(
      `INSERT INTO sent SELECT mailbox.id, ?, '', 0, 0, 1 FROM queue JOIN mailbox
         ON mailbox.domain = substr(login, instr(login, '@') + 1)
         AND mailbox.local = substr(login, 1, instr(login, '@') - 1)
       WHERE queue.id = ?
       ON CONFLICT DO UPDATE SET recipients_refused = recipients_refused + 1`,
    );
    this.#noticed = connection.query("SELECT day FROM sending_notice WHERE mailbox = ?");
    this.#notice = connection.query("INSERT OR REPLACE INTO sending_notice VALUES (?, ?)");
  }

  /** Why the message cannot be taken; undefined when it can. */
  refusal(message: SentMessage): SendingRefusal | undefined {
    const { mailbox, at, recipients, limits } = message;
    if (!this.#isThere(mailbox)) return "mailbox gone";
    const exceeded = limits.some((limit) => {
      const row = this.#total.row(mailbox, limit.since, at + SENT_STEP_MS);
      const [messagesSent, recipientsSent] = [integer(row?.[0]), integer(row?.[1])];
      return messagesSent + 1 > limit.messages || recipientsSent + recipients > limit.recipients;
    });
    return exceeded ? "sending limit" : undefined;
  }

  /** What a clock that was ahead has left goes too: it could never be counted down. */
  count({ mailbox, at, network, recipients, recipientsRefused }: SentMessage): void {
    this.#forget.run(mailbox, at - SENT_KEPT_MS, at + SENT_STEP_MS);
    this.#count.run(mailbox, stepEnd(at), network, recipients, recipientsRefused);
  }

  /** A row of the queue has failed for good: told of its login, where it has one that is still here. */
  failed(row: QueueId, at: number): void {
    this.#failed.run(stepEnd(at), row);
  }

  noticeRefusal({ about, day }: Notice): SendingRefusal | undefined {
    if (!this.#isThere(about)) return "mailbox gone";
    const row = this.#noticed.row(about);
    return row !== undefined && integer(row[0]) === day ? "noticed before" : undefined;
  }

  noticed({ about, day }: Notice): void {
    this.#notice.run(about, day);
  }

  #isThere(mailbox: MailboxId): boolean {
    return this.#mailbox.row(mailbox) !== undefined;
  }
}

function stepEnd(at: number): number {
  return (Math.floor(at / SENT_STEP_MS) + 1) * SENT_STEP_MS;
}
