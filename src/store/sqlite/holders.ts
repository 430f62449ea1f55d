/** Maildrop entries and queue rows hold a message; the last of them takes its content along. */
import type { Connection } from "./connection.ts";
import { optionalInteger } from "./values.ts";

export class Holders {
  readonly #deleteMessage;
  readonly #deleteParts;
  readonly #letGo;

  constructor(connection: Connection) {
    this.#deleteMessage = connection.query(
      "DELETE FROM message WHERE id = ? AND holders = 1 RETURNING body",
    );
    this.#deleteParts = connection.query("DELETE FROM part WHERE body = ?");
    this.#letGo = connection.query("UPDATE message SET holders = holders - 1 WHERE id = ?");
  }

  /** One holder less. */
  release(message: number): void {
    const row = this.#deleteMessage.row(message);
    if (row === undefined) {
      this.#letGo.run(message);
      return;
    }
    const body = optionalInteger(row[0]);
    if (body !== undefined) this.#deleteParts.run(body);
  }
}
