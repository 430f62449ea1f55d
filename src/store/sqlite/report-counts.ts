/** Reports and failures untold, counted: in the transaction that ends their rows, summed up for whoever asks. Few rows a day, whatever comes. */
import {
  REPORT_PROOFS,
  UNTOLD_REASONS,
  type ReportCount,
  type ReportCounts,
  type ReportProof,
  type UntoldCount,
  type UntoldReason,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import { integer, oneOf, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

const DAY_MS = 86_400_000;

export class SqliteReportCounts implements ReportCounts {
  readonly #writer: WriterThread;
  readonly #reports;
  readonly #untold;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#reports = connection.query(
      `SELECT proof, abroad, sum(reports) FROM report_count WHERE day >= ?
       GROUP BY proof, abroad ORDER BY proof, abroad`,
    );
    this.#untold = connection.query(
      `SELECT reason, sum(recipients) FROM untold_count WHERE day >= ?
       GROUP BY reason ORDER BY reason`,
    );
  }

  async since(day: number) {
    return {
      reports: this.#reports.rows(day).map(reportCount),
      untold: this.#untold.rows(day).map(untoldCount),
    };
  }

  async prune(beforeDay: number): Promise<void> {
    await this.#writer.submit({ kind: "prune report counts", beforeDay });
  }
}

function reportCount([proof, abroad, reports]: Row): ReportCount {
  return {
    proof: oneOf(REPORT_PROOFS, proof),
    abroad: integer(abroad) === 1,
    reports: integer(reports),
  };
}

function untoldCount([reason, recipients]: Row): UntoldCount {
  return { reason: oneOf(UNTOLD_REASONS, reason), recipients: integer(recipients) };
}

/** In the transaction of the writer's batch. */
export class ReportCountWrites {
  readonly #addReport;
  readonly #addUntold;
  readonly #pruneReports;
  readonly #pruneUntold;

  constructor(connection: Connection) {
    this.#addReport = connection.query(
      `INSERT INTO report_count VALUES (?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET reports = reports + 1`,
    );
    this.#addUntold = connection.query(
      `INSERT INTO untold_count VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET recipients = recipients + excluded.recipients`,
    );
    this.#pruneReports = connection.query("DELETE FROM report_count WHERE day < ?");
    this.#pruneUntold = connection.query("DELETE FROM untold_count WHERE day < ?");
  }

  /** One more; `at` in milliseconds since 1970. */
  report(at: number, proof: ReportProof, abroad: boolean): void {
    this.#addReport.run(dayOf(at), proof, abroad ? 1 : 0);
  }

  untold(at: number, reason: UntoldReason, recipients: number): void {
    if (recipients > 0) this.#addUntold.run(dayOf(at), reason, recipients);
  }

  prune(beforeDay: number): OperationResult {
    this.#pruneReports.run(beforeDay);
    this.#pruneUntold.run(beforeDay);
    return { kind: "done" };
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}
