/** Reports of others as rows: added, each once, and forgotten; inside a transaction. */
import type { TlsReport } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import type { TakenMail } from "./report-mail-rows.ts";
import { integer, type Row } from "./values.ts";

/** Rows forgotten in one step: a long step would keep mail waiting. */
const PRUNE_ROWS = 500;

const DAY_MS = 86_400_000;

export class TlsReportRows {
  readonly #has;
  readonly #insert;
  readonly #ofDay;
  readonly #octets;
  readonly #addOctets;
  readonly #aged;
  readonly #first;
  readonly #delete;

  constructor(connection: Connection) {
    this.#has = connection.query(
      "SELECT 1 FROM tls_report WHERE organisation = ? AND report_id = ? AND domain = ?",
    );
    this.#insert = connection.query(
      `INSERT INTO tls_report (organisation, report_id, domain, begins_at, ends_at, contact, sender, ip, received_at, json)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#ofDay = connection.query(
      "SELECT count(*) FROM tls_report WHERE received_at >= ? AND received_at < ?",
    );
    this.#octets = connection.query("SELECT value FROM property WHERE name = 'tls_report_octets'");
    this.#addOctets = connection.query(
      "UPDATE property SET value = value + ? WHERE name = 'tls_report_octets'",
    );
    const row = "SELECT id, octet_length(json) FROM tls_report";
    this.#aged = connection.query(
      `${row} WHERE received_at < ? ORDER BY received_at LIMIT ${PRUNE_ROWS}`,
    );
    this.#first = connection.query(`${row} ORDER BY id LIMIT ${PRUNE_ROWS}`);
    this.#delete = connection.query("DELETE FROM tls_report WHERE id = ?");
  }

  has({ organisation, reportId, domain }: TlsReport): boolean {
    return this.#has.row(organisation, reportId, domain) !== undefined;
  }

  /** How many came on the day (UTC) of a time. */
  ofDay(at: number): number {
    const begin = at - (at % DAY_MS);
    return integer(this.#ofDay.row(begin, begin + DAY_MS)?.[0]);
  }

  add(report: TlsReport, { from, ip, at }: TakenMail): void {
    const { organisation, reportId, domain, beginsAt, endsAt, contact, policies } = report;
    const json = JSON.stringify(policies);
    const name = [organisation, reportId, domain];
    this.#insert.run(...name, beginsAt, endsAt, contact, from, ip, at, json);
    this.#addOctets.run(Buffer.byteLength(json));
  }

  /** By age goes what the clock says; for room, what came first. */
  prune(before: number, maxOctets: number): OperationResult {
    const aged = this.#aged.rows(before);
    for (const row of aged) this.#remove(row);
    if (aged.length === PRUNE_ROWS) return { kind: "more" };
    let excess = integer(this.#octets.row()?.[0]) - maxOctets;
    if (excess <= 0) return { kind: "done" };
    for (const row of this.#first.rows()) {
      if (excess <= 0) break;
      excess -= this.#remove(row);
    }
    return { kind: excess > 0 ? "more" : "done" };
  }

  /** Returns its octets. */
  #remove([id, size]: Row): number {
    const octets = integer(size);
    this.#delete.run(integer(id));
    this.#addOctets.run(-octets);
    return octets;
  }
}
