/** Reports counted: in the transaction that keeps them, summed up for whoever asks. Few rows a day, whatever comes. */
import { REPORT_PROOFS, type ReportCount, type ReportCounts, type ReportProof } from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, oneOf, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

const DAY_MS = 86_400_000;

export class SqliteReportCounts implements ReportCounts {
  readonly #writer: WriterThread;
  readonly #since;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#since = connection.query(
      `SELECT proof, abroad, sum(reports) FROM report_count WHERE day >= ?
       GROUP BY proof, abroad ORDER BY proof, abroad`,
    );
  }

  async since(day: number): Promise<readonly ReportCount[]> {
    return this.#since.rows(day).map(reportCount);
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

/** In the transaction of the writer's batch. */
export class ReportCountWrites {
  readonly #add;
  readonly #prune;

  constructor(connection: Connection) {
    this.#add = connection.query(
      `INSERT INTO report_count VALUES (?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET reports = reports + 1`,
    );
    this.#prune = connection.query("DELETE FROM report_count WHERE day < ?");
  }

  /** One more; `at` in milliseconds since 1970. */
  add(at: number, proof: ReportProof, abroad: boolean): void {
    this.#add.run(Math.floor(at / DAY_MS), proof, abroad ? 1 : 0);
  }

  prune(beforeDay: number): void {
    this.#prune.run(beforeDay);
  }
}
