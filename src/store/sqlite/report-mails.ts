/** Mail that waits to be collected, on the calling thread: read here, changed by the writer. */
import type { Domain, MailboxId, MessageId } from "../../mail/index.ts";
import type { ReportMailId, ReportMails, ReportSubject, WaitingReport } from "../index.ts";
import type { Connection } from "./connection.ts";
import { Content, storedMessage } from "./content.ts";
import { integer, text, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

export class SqliteReportMails implements ReportMails {
  readonly #writer: WriterThread;
  readonly #waiting;
  readonly #message;
  readonly #content;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#waiting = connection.query(
      "SELECT id, name, octets, domain, sender, ip, at, about, reporter FROM report_mail ORDER BY id LIMIT ?",
    );
    this.#message = connection.query(
      `SELECT message.id, message.octets, length(head), body FROM report_mail
       JOIN message ON message.id = report_mail.message WHERE report_mail.id = ?`,
    );
    this.#content = new Content(connection);
  }

  waiting(limit: number): readonly WaitingReport[] {
    return this.#waiting.rows(limit).map(waitingReport);
  }

  read(id: ReportMailId, offset: number, limit: number): Uint8Array | undefined {
    const row = this.#message.row(id);
    return row && this.#content.read(storedMessage(row), offset, limit);
  }

  async drop(id: ReportMailId): Promise<void> {
    await this.#writer.submit({ kind: "drop report mail", id });
  }

  async deposit(id: ReportMailId, mailbox: MailboxId): Promise<boolean> {
    const result = await this.#writer.submit({ kind: "deposit report mail", id, mailbox });
    return result.kind === "done";
  }
}

/** Each brand was there when the row was written. */
function waitingReport(row: Row): WaitingReport {
  const [id, name, octets, domain, sender, ip, at] = row;
  const [about, reporter] = row.slice(7);
  return {
    ...subjectOf(text(about), text(reporter)),
    id: integer(id) as ReportMailId,
    message: text(name) as MessageId,
    octets: integer(octets),
    domain: text(domain) as Domain,
    from: text(sender),
    ip: text(ip),
    at: integer(at),
  };
}

function subjectOf(about: string, reporter: string): ReportSubject {
  return about === "relay" ? { about, reporter } : { about: "tls" };
}
