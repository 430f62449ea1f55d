/** A message goes into its mailboxes: stored once, counted in each of them, or refused before anything is written. */
import type { MailboxId, MessageId } from "../../mail/index.ts";
import { StoreError, type CommitResult } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { BodyNumber } from "./operations.ts";
import type { Uid } from "./uid.ts";
import { integer, optionalInteger, text } from "./values.ts";

export interface Deposit {
  readonly name: MessageId;
  readonly mailboxes: readonly MailboxId[];
  /** Of head and content. */
  readonly octets: number;
  readonly head: Uint8Array;
  /** Itself, or the body whose parts are there. */
  readonly content: Uint8Array | BodyNumber;
}

/** Where it goes in one mailbox, and the uid it has there. */
interface Place extends Uid {
  readonly mailbox: MailboxId;
}

export class Deposits {
  readonly #mailbox;
  readonly #insertMessage;
  readonly #countMessage;
  readonly #insertEntry;

  constructor(connection: Connection) {
    this.#mailbox = connection.query(
      "SELECT quota_octets, used_octets, next_uid, uid_token FROM mailbox WHERE id = ?",
    );
    this.#insertMessage = connection.query(
      `INSERT INTO message (name, octets, holders, body, head, content)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#countMessage = connection.query(
      `UPDATE mailbox
       SET used_octets = used_octets + ?, messages = messages + 1, next_uid = next_uid + 1
       WHERE id = ?`,
    );
    this.#insertEntry = connection.query(
      "INSERT INTO maildrop (mailbox, number, token, message, octets) VALUES (?, ?, ?, ?, ?)",
    );
  }

  store(deposit: Deposit): CommitResult {
    const places: Place[] = [];
    for (const mailbox of deposit.mailboxes) {
      const place = this.#place(mailbox, deposit.octets);
      if (typeof place === "string") return { kind: "refused", why: place, mailbox };
      places.push(place);
    }
    this.#insert(deposit, places);
    return { kind: "committed" };
  }

  #place(mailbox: MailboxId, octets: number): Place | "mailbox gone" | "over quota" {
    const row = this.#mailbox.row(mailbox);
    if (row === undefined) return "mailbox gone";
    const quota = optionalInteger(row[0]) ?? Infinity;
    if (integer(row[1]) + octets > quota) return "over quota";
    return { mailbox, number: integer(row[2]), token: text(row[3]) };
  }

  #insert({ name, octets, head, content }: Deposit, places: readonly Place[]): void {
    if (places.length === 0) throw new StoreError("a message for nobody");
    const [body, whole] = typeof content === "number" ? [content, null] : [null, content];
    const id = this.#insertMessage.insert(name, octets, places.length, body, head, whole);
    for (const { mailbox, number, token } of places) {
      this.#countMessage.run(octets, mailbox);
      this.#insertEntry.run(mailbox, number, token, id, octets);
    }
  }
}
