/**
 * A message goes into its mailboxes and into the queue: stored once, counted in each mailbox, or refused before anything
 * is written.
 */
import type { MailboxId } from "../../mail/index.ts";
import { StoreError, type CommitResult, type ReportMailId } from "../index.ts";
import type { Connection } from "./connection.ts";
import { Holders } from "./holders.ts";
import type { BodyNumber, Placing } from "./operations.ts";
import { QueueRows } from "./queue-rows.ts";
import { ReportMailRows } from "./report-mail-rows.ts";
import { SentCounts } from "./sent-counts.ts";
import type { Uid } from "./uid.ts";
import { integer, optionalInteger, text, type Row } from "./values.ts";

export interface Deposit extends Placing {
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
  readonly #reports;
  readonly #holders;

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
    this.#reports = new ReportMailRows(connection);
    this.#holders = new Holders(connection);
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
    const noRoom = this.#waitingRefusal(deposit);
    if (noRoom !== undefined) return noRoom;
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

  /** What waits to be collected counts for its mailbox as if it were there. */
  #waitingRefusal({ report, mailboxes, octets }: Deposit): CommitResult | undefined {
    if (report === undefined || mailboxes.includes(report.mailbox)) return undefined;
    const place = this.#place(report.mailbox, octets);
    if (typeof place !== "string") return undefined;
    return { kind: "refused", why: place, mailbox: report.mailbox };
  }

  /**
   * A notification of ours: no quota keeps it out, for it says that mail was lost, and it goes to the mailboxes that are
   * still there. False: there are none, and it goes nowhere else.
   */
  storeReport(report: Deposit): boolean {
    const places: Place[] = [];
    for (const mailbox of report.mailboxes) {
      const place = this.#placeWithoutQuota(mailbox);
      if (place !== undefined) places.push(place);
    }
    if (places.length === 0 && report.departure === undefined) return false;
    this.#insert(report, places);
    return true;
  }

  /**
   * A mail that waits goes into a mailbox after all, whatever its quota: its hold on the message is the entry's then. False:
   * the mailbox has gone, and the mail waits on.
   */
  depositWaiting(id: ReportMailId, mailbox: MailboxId): boolean {
    const place = this.#placeWithoutQuota(mailbox);
    if (place === undefined) return false;
    const mail = this.#reports.take(id);
    if (mail === undefined) return true;
    if (mail.mailbox === undefined) this.#holders.release(mail.message);
    else this.#enter(place, mail.message, mail.octets);
    return true;
  }

  #place(mailbox: MailboxId, octets: number): Place | "mailbox gone" | "over quota" {
    const row = this.#mailbox.row(mailbox);
    if (row === undefined) return "mailbox gone";
    const quota = optionalInteger(row[0]) ?? Infinity;
    return integer(row[1]) + octets > quota ? "over quota" : placeIn(mailbox, row);
  }

  #placeWithoutQuota(mailbox: MailboxId): Place | undefined {
    const row = this.#mailbox.row(mailbox);
    return row && placeIn(mailbox, row);
  }

  #insert(deposit: Deposit, places: readonly Place[]): void {
    const { name, octets, head, content, departure, report } = deposit;
    const holders =
      places.length + (departure?.recipients.length ?? 0) + (report === undefined ? 0 : 1);
    if (holders === 0) throw new StoreError("a message for nobody");
    const [body, whole] = typeof content === "number" ? [content, null] : [null, content];
    const id = this.#insertMessage.insert(name, octets, holders, body, head, whole);
    for (const place of places) this.#enter(place, id, octets);
    if (departure !== undefined) this.#queue.add({ id, name, octets }, departure);
    if (report === undefined) return;
    const deposited = places.some(({ mailbox }) => mailbox === report.mailbox);
    this.#reports.add({ id, name, octets }, report, deposited);
  }

  #enter({ mailbox, number, token }: Place, message: number, octets: number): void {
    this.#countMessage.run(octets, mailbox);
    this.#insertEntry.run(mailbox, number, token, message, octets);
  }
}

function placeIn(mailbox: MailboxId, [, , number, token]: Row): Place {
  return { mailbox, number: integer(number), token: text(token) };
}
