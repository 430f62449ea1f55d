/** Messages leave a mailbox. */
import type { MailboxId } from "../../mail/index.ts";
import type { Connection } from "./connection.ts";
import { Holders } from "./holders.ts";
import { parseUid } from "./uid.ts";
import { integer } from "./values.ts";

export class Removals {
  readonly #deleteEntry;
  readonly #discount;
  readonly #holders;

  constructor(connection: Connection) {
    this.#deleteEntry = connection.query(
      `DELETE FROM maildrop WHERE mailbox = ? AND number = ? AND token = ?
       RETURNING message, octets`,
    );
    this.#discount = connection.query(
      "UPDATE mailbox SET used_octets = used_octets - ?, messages = messages - 1 WHERE id = ?",
    );
    this.#holders = new Holders(connection);
  }

  /** Uids that are not there are passed over. */
  remove(mailbox: MailboxId, uids: readonly string[]): void {
    for (const text of uids) {
      const uid = parseUid(text);
      const entry = uid && this.#deleteEntry.row(mailbox, uid.number, uid.token);
      if (entry === undefined) continue;
      this.#discount.run(integer(entry[1]), mailbox);
      this.#holders.release(integer(entry[0]));
    }
  }
}
