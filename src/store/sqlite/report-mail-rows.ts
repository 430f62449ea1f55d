/** Mail that may bring a report and waits to be collected, on the writer thread: one more holder of its message. */
import type { MailboxId } from "../../mail/index.ts";
import type { ReportMail, ReportMailId } from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, optionalInteger, text } from "./values.ts";

/** A mail that waits no more. */
export interface TakenMail {
  readonly message: number;
  readonly octets: number;
  /** Absent: whoever would get it has it already. */
  readonly mailbox?: MailboxId;
  readonly from: string;
  readonly ip: string;
  readonly at: number;
}

export class ReportMailRows {
  readonly #insert;
  readonly #at;
  readonly #take;
  readonly #use;

  constructor(connection: Connection) {
    this.#insert = connection.query(
      `INSERT INTO report_mail (message, name, octets, mailbox, domain, sender, ip, at, about, reporter)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#at = connection.query("SELECT at FROM report_mail WHERE id = ?");
    this.#take = connection.query(
      "DELETE FROM report_mail WHERE id = ? RETURNING message, octets, mailbox, sender, ip, at",
    );
    this.#use = connection.query("UPDATE mailbox SET used_octets = used_octets + ? WHERE id = ?");
  }

  /** The message counts it among its holders already. `deposited`: the mailbox has the message besides. */
  add(
    message: { readonly id: number; readonly name: string; readonly octets: number },
    report: ReportMail,
    deposited: boolean,
  ): void {
    const { id, name, octets } = message;
    const { mailbox, domain, from, ip, at, about } = report;
    const reporter = report.about === "relay" ? report.reporter : "";
    const counts = deposited ? null : mailbox;
    this.#insert.run(id, name, octets, counts, domain, from, ip, at, about, reporter);
    if (!deposited) this.#use.run(octets, mailbox);
  }

  /** Undefined: it has gone. */
  receivedAt(id: ReportMailId): number | undefined {
    const row = this.#at.row(id);
    return row && integer(row[0]);
  }

  /** Undefined: it has gone. What held the message is the caller's now. */
  take(id: ReportMailId): TakenMail | undefined {
    const row = this.#take.row(id);
    if (row === undefined) return undefined;
    const octets = integer(row[1]);
    const mailbox = optionalInteger(row[2] ?? null) as MailboxId | undefined; // as it was stored
    if (mailbox !== undefined) this.#use.run(-octets, mailbox);
    return {
      message: integer(row[0]),
      octets,
      ...(mailbox !== undefined && { mailbox }),
      from: text(row[3]),
      ip: text(row[4]),
      at: integer(row[5]),
    };
  }
}
