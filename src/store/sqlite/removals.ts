/** Messages leave a mailbox; the last mailbox that holds one takes its content along. */
import type { MailboxId } from "../../mail/index.ts";
import type { Connection } from "./connection.ts";
import { parseUid } from "./uid.ts";
import { integer, optionalInteger } from "./values.ts";

export class Removals {
  readonly #deleteEntry;
  readonly #discount;
  readonly #deleteMessage;
  readonly #deleteParts;
  readonly #letGo;

  constructor(connection: Connection) {
    this.#deleteEntry = connection.query(
      `DELETE FROM maildrop WHERE mailbox = ? AND number = ? AND token = ?
       RETURNING message, octets`,
    );
    this.#discount = connection.query(
      "UPDATE mailbox SET used_octets = used_octets - ?, messages = messages - 1 WHERE id = ?",
    );
    this.#deleteMessage = connection.query(
      "DELETE FROM message WHERE id = ? AND holders = 1 RETURNING body",
    );
    this.#deleteParts = connection.query("DELETE FROM part WHERE body = ?");
    this.#letGo = connection.query("UPDATE message SET holders = holders - 1 WHERE id = ?");
  }

  /** Uids that are not there are passed over. */
  remove(mailbox: MailboxId, uids: readonly string[]): void {
    for (const text of uids) {
      const uid = parseUid(text);
      const entry = uid && this.#deleteEntry.row(mailbox, uid.number, uid.token);
      if (entry === undefined) continue;
      this.#discount.run(integer(entry[1]), mailbox);
      this.#release(integer(entry[0]));
    }
  }

  #release(message: number): void {
    const row = this.#deleteMessage.row(message);
    if (row === undefined) {
      this.#letGo.run(message);
      return;
    }
    const body = optionalInteger(row[0]);
    if (body !== undefined) this.#deleteParts.run(body);
  }
}
