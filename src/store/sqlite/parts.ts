/**
 * Content that comes in parts, ahead of its message. Until the message is there its body is named in
 * `provisional`; what is still named there when a server starts was left over by a crash.
 */
import { StoreError } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { BodyNumber } from "./operations.ts";
import { integer } from "./values.ts";

export class Parts {
  readonly #name;
  readonly #unname;
  readonly #insert;
  readonly #octets;
  readonly #delete;
  readonly #collect;
  readonly #unnameAll;

  constructor(connection: Connection) {
    this.#name = connection.query("INSERT OR IGNORE INTO provisional VALUES (?)");
    this.#unname = connection.query("DELETE FROM provisional WHERE body = ?");
    this.#insert = connection.query("INSERT INTO part (body, start, content) VALUES (?, ?, ?)");
    this.#octets = connection.query(
      "SELECT coalesce(sum(octet_length(content)), 0) FROM part WHERE body = ?",
    );
    this.#delete = connection.query("DELETE FROM part WHERE body = ?");
    this.#collect = connection.query("DELETE FROM part WHERE body IN provisional");
    this.#unnameAll = connection.query("DELETE FROM provisional");
  }

  add(body: BodyNumber, start: number, content: Uint8Array): void {
    this.#name.run(body);
    this.#insert.run(body, start, content);
  }

  /** A message has come for the body, which must be whole: a missing part would make it another mail. */
  keep(body: BodyNumber, octets: number): void {
    if (integer(this.#octets.row(body)?.[0]) !== octets)
      throw new StoreError("parts of the message are missing");
    this.#unname.run(body);
  }

  drop(body: BodyNumber): void {
    this.#delete.run(body);
    this.#unname.run(body);
  }

  /** Drops all that no message has come for. */
  collect(): void {
    this.#collect.run();
    this.#unnameAll.run();
  }
}
