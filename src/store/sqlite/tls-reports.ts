/** What others report, on the calling thread: read here, changed by the writer. */
import type { Domain } from "../../mail/index.ts";
import {
  StoreError,
  type KeepResult,
  type ReportedPolicy,
  type ReportMailId,
  type StoredTlsReport,
  type TlsReport,
  type TlsReportQuery,
  type TlsReports,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, text, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

export class SqliteTlsReports implements TlsReports {
  readonly #writer: WriterThread;
  readonly #find;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#find = connection.query(
      `SELECT id, organisation, report_id, domain, begins_at, ends_at, contact, sender, ip, received_at, json
       FROM tls_report WHERE id > ?1 AND received_at >= ?2 AND (?3 IS NULL OR domain = ?3)
       ORDER BY id LIMIT ?4`,
    );
  }

  async keep(id: ReportMailId, reports: readonly TlsReport[], perDay: number): Promise<KeepResult> {
    const result = await this.#writer.submit({ kind: "keep reports", id, reports, perDay });
    if (result.kind === "kept" || result.kind === "too many") return result;
    throw new StoreError("the writer answered something else than was asked");
  }

  async find({ domain, since, after = 0, limit }: TlsReportQuery) {
    return this.#find.rows(after, since, domain ?? null, limit).map(storedReport);
  }

  async prune(before: number, maxOctets: number): Promise<void> {
    await this.#writer.submitSteps({ kind: "prune reports", before, maxOctets });
  }
}

function storedReport(row: Row): StoredTlsReport {
  const [key, organisation, reportId, domain, beginsAt, endsAt, contact] = row;
  const [from, ip, receivedAt, json] = row.slice(7);
  return {
    key: integer(key),
    organisation: text(organisation),
    reportId: text(reportId),
    domain: text(domain) as Domain,
    beginsAt: integer(beginsAt),
    endsAt: integer(endsAt),
    contact: text(contact),
    from: text(from),
    ip: text(ip),
    receivedAt: integer(receivedAt),
    policies: JSON.parse(text(json)) as readonly ReportedPolicy[], // as we wrote them
  };
}
