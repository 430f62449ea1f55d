/**
 * A message goes into its mailboxes and into the queue: stored once, counted in each mailbox, or refused before anything
 * is written.
 */
import type { MailboxId, MessageId } from "../../mail/index.ts";
import {
  StoreError,
  type CommitResult,
  type Departure,
  type Notice,
  type SentMessage,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import type { BodyNumber } from "./operations.ts";
import { QueueRows } from "./queue-rows.ts";
import { SentCounts } from "./sent-counts.ts";
import type { Uid } from "./uid.ts";
import { integer, optionalInteger, text } from "./values.ts";

export interface Deposit {
  readonly name: MessageId;
  readonly mailboxes: readonly MailboxId[];
  readonly departure?: Departure;
  readonly sending?: SentMessage;
  readonly notice?: Notice;
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
  readonly #queue;
  readonly #sent;

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
    this.#queue = new QueueRows(connection);
    this.#sent = new SentCounts(connection);
  }

  store(deposit: Deposit): CommitResult {
    const tooMuch = this.#sendingRefusal(deposit);
    if (tooMuch !== undefined) return tooMuch;
    const places: Place[] = [];
    for (const mailbox of deposit.mailboxes) {
      const place = this.#place(mailbox, deposit.octets);
      if (typeof place === "string") return { kind: "refused", why: place, mailbox };
      places.push(place);
    }
    this.#insert(deposit, places);
    if (deposit.sending !== undefined) this.#sent.count(deposit.sending);
    if (deposit.notice !== undefined) this.#sent.noticed(deposit.notice);
    return { kind: "committed" };
  }

  /** Of a login's message and of a notice; other mail is not asked. */
  #sendingRefusal({ sending, notice }: Deposit): CommitResult | undefined {
    if (sending !== undefined) {
      const why = this.#sent.refusal(sending);
      if (why !== undefined) return { kind: "refused", why, mailbox: sending.mailbox };
    }
    if (notice === undefined) return undefined;
    const why = this.#sent.noticeRefusal(notice);
    return why && { kind: "refused", why, mailbox: notice.about };
  }

  /**
   * A notification of ours: no quota keeps it out, for it says that mail was lost, and it goes to the mailboxes that are
   * still there. False: there are none, and it goes nowhere else.
   */
  storeReport(report: Deposit): boolean {
    const places: Place[] = [];
    for (const mailbox of report.mailboxes) {
      const place = this.#place(mailbox, 0);
      if (typeof place !== "string") places.push(place);
    }
    if (places.length === 0 && report.departure === undefined) return false;
    this.#insert(report, places);
    return true;
  }

  #place(mailbox: MailboxId, octets: number): Place | "mailbox gone" | "over quota" {
    const row = this.#mailbox.row(mailbox);
    if (row === undefined) return "mailbox gone";
    const quota = optionalInteger(row[0]) ?? Infinity;
    if (integer(row[1]) + octets > quota) return "over quota";
    return { mailbox, number: integer(row[2]), token: text(row[3]) };
  }

  #insert(deposit: Deposit, places: readonly Place[]): void {
    const { name, octets, head, content, departure } = deposit;
    const holders = places.length + (departure?.recipients.length ?? 0);
    if (holders === 0) throw new StoreError("a message for nobody");
    const [body, whole] = typeof content === "number" ? [content, null] : [null, content];
    const id = this.#insertMessage.insert(name, octets, holders, body, head, whole);
    for (const { mailbox, number, token } of places) {
      this.#countMessage.run(octets, mailbox);
      this.#insertEntry.run(mailbox, number, token, id, octets);
    }
    if (departure !== undefined) this.#queue.add({ id, name, octets }, departure);
  }
}
