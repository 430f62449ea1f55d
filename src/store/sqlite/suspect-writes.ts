/** Hosts that were reported as open relays, on the writer thread: in the transaction of its batch. */
import { SUSPECT_REPORTS, type SuspectEdit, type SuspectReport } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import type { SuspectWrite } from "./suspect-operations.ts";
import { integer } from "./values.ts";

/** Reports, and hosts, forgotten in one step. */
const STEP_ROWS = 500;

const DONE = { kind: "done" } as const;
const MORE = { kind: "more" } as const;
const GONE = { kind: "gone" } as const;

export class SuspectWrites {
  readonly #version;
  readonly #put;
  readonly #report;
  readonly #dropExcess;
  readonly #dropReports;
  readonly #dropMost;
  readonly #dropHosts;

  constructor(connection: Connection) {
    this.#version = connection.query("SELECT number FROM suspect WHERE ip = ?");
    this.#put = connection.query(
      "INSERT OR REPLACE INTO suspect (ip, standing, due, facts, at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#report = connection.query(
      "INSERT INTO suspect_report (ip, at, origin, reporter, cause) VALUES (?, ?, ?, ?, ?)",
    );
    this.#dropExcess = connection.query(
      `DELETE FROM suspect_report WHERE number IN
         (SELECT number FROM suspect_report WHERE ip = ? ORDER BY number DESC LIMIT -1 OFFSET ${SUSPECT_REPORTS})`,
    );
    this.#dropReports = connection.query(
      `DELETE FROM suspect_report WHERE number IN
         (SELECT number FROM suspect_report WHERE at < ? LIMIT ${STEP_ROWS})`,
    );
    this.#dropMost = connection.query(
      `DELETE FROM suspect_report WHERE number IN
         (SELECT number FROM suspect_report
          WHERE number <= (SELECT max(number) FROM suspect_report) - ? LIMIT ${STEP_ROWS})`,
    );
    this.#dropHosts = connection.query(
      `DELETE FROM suspect WHERE number IN
         (SELECT number FROM suspect WHERE due IS NULL AND at < ?
          AND NOT EXISTS (SELECT 1 FROM suspect_report WHERE suspect_report.ip = suspect.ip)
          LIMIT ${STEP_ROWS})`,
    );
  }

  perform(write: SuspectWrite): OperationResult {
    switch (write.kind) {
      case "apply":
        return this.#apply(write.edit);
      case "prune":
        return this.#prune(write.before, write.reports);
    }
  }

  #apply({ ip, seen, after, report }: SuspectEdit): OperationResult {
    const row = this.#version.row(ip);
    if (seen !== (row === undefined ? 0 : integer(row[0]))) return GONE;
    const { standing, due = null, facts, at } = after;
    this.#put.run(ip, standing, due, facts, at);
    if (report !== undefined) this.#keep(ip, report);
    return DONE;
  }

  #keep(ip: string, { at, origin, by, cause }: SuspectReport): void {
    this.#report.run(ip, at, origin, by, cause);
    this.#dropExcess.run(ip);
  }

  #prune(before: number, reports: number): OperationResult {
    if (this.#dropReports.run(before) === STEP_ROWS) return MORE;
    if (this.#dropMost.run(reports) === STEP_ROWS) return MORE;
    return this.#dropHosts.run(before) === STEP_ROWS ? MORE : DONE;
  }
}
