/** Maildrops: read on the calling thread's connection, emptied by the writer. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MailboxId } from "../../mail/index.ts";
import type { MaildropMessage, Maildrops } from "../index.ts";
import type { Connection } from "./connection.ts";
import { Content, storedMessage } from "./content.ts";
import { formatUid, parseUid } from "./uid.ts";
import { integer, octets, text, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

/** Messages listed before others get their turn. */
const LIST_PAGE = 2000;

export class SqliteMaildrops implements Maildrops {
  readonly #writer: WriterThread;
  readonly #page;
  readonly #small;
  readonly #message;
  readonly #content;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#page = connection.query(
      `SELECT number, token, octets FROM maildrop WHERE mailbox = ? AND number > ?
       ORDER BY number LIMIT ${LIST_PAGE}`,
    );
    this.#small = connection.query(
      `SELECT head, content FROM maildrop JOIN message ON message.id = maildrop.message
       WHERE mailbox = ? AND number = ? AND token = ? AND message.octets <= ? AND body IS NULL`,
    );
    this.#message = connection.query(
      `SELECT message.id, message.octets, length(head), body FROM maildrop
       JOIN message ON message.id = maildrop.message
       WHERE mailbox = ? AND number = ? AND token = ?`,
    );
    this.#content = new Content(connection);
  }

  async list(mailbox: MailboxId): Promise<readonly MaildropMessage[]> {
    const messages: MaildropMessage[] = [];
    for (let after = -1; ; await nextTurn()) {
      const rows = this.#page.rows(mailbox, after);
      for (const row of rows) messages.push(listed(row));
      if (rows.length < LIST_PAGE) return messages;
      after = integer(rows.at(-1)?.[0]);
    }
  }

  /** Stops at the end of the head or of a part: less than `limit` is not the end, only nothing is. */
  read(mailbox: MailboxId, uid: string, offset: number, limit: number): Uint8Array | undefined {
    const name = parseUid(uid);
    if (name === undefined) return undefined;
    const small = offset === 0 && this.#small.row(mailbox, name.number, name.token, limit);
    if (small) return Buffer.concat([octets(small[0]), octets(small[1])]);
    const row = this.#message.row(mailbox, name.number, name.token);
    if (row === undefined) return undefined;
    return this.#content.read(storedMessage(row), offset, limit);
  }

  async remove(mailbox: MailboxId, uids: readonly string[]): Promise<void> {
    if (uids.length > 0) await this.#writer.submit({ kind: "remove", mailbox, uids });
  }
}

function listed([number, token, size]: Row): MaildropMessage {
  return { uid: formatUid({ token: text(token), number: integer(number) }), octets: integer(size) };
}
