/** Reads a message piece by piece: its head, then its content, wherever that is. */
import type { Connection } from "./connection.ts";
import { integer, octets, optionalInteger, type Row } from "./values.ts";

export interface StoredMessage {
  readonly id: number;
  /** Of head and content. */
  readonly octets: number;
  readonly headOctets: number;
  /** Where its content came in parts. */
  readonly body: number | undefined;
}

const NOTHING = new Uint8Array(0);

export class Content {
  readonly #head;
  readonly #content;
  readonly #part;

  constructor(connection: Connection) {
    this.#head = connection.query("SELECT substr(head, ? + 1, ?) FROM message WHERE id = ?");
    this.#content = connection.query("SELECT substr(content, ? + 1, ?) FROM message WHERE id = ?");
    this.#part = connection.query(
      `SELECT substr(content, ?1 - start + 1, ?2) FROM part WHERE body = ?3 AND start <= ?1
       ORDER BY start DESC LIMIT 1`,
    );
  }

  /** Stops at the end of the head or of a part: less than `limit` is not the end, only nothing is. */
  read(message: StoredMessage, offset: number, limit: number): Uint8Array | undefined {
    if (offset >= message.octets) return NOTHING;
    const found =
      offset < message.headOctets
        ? this.#head.row(offset, limit, message.id)
        : this.#readContent(message, offset - message.headOctets, limit);
    return found && octets(found[0]); // gone between the two reads
  }

  #readContent({ id, body }: StoredMessage, offset: number, limit: number): Row | undefined {
    return body === undefined
      ? this.#content.row(offset, limit, id)
      : this.#part.row(offset, limit, body);
  }
}

/** From a row of id, octets, length of the head, body. */
export function storedMessage([id, size, headOctets, body]: Row): StoredMessage {
  return {
    id: integer(id),
    octets: integer(size),
    headOctets: integer(headOctets),
    body: body === undefined ? undefined : optionalInteger(body),
  };
}
