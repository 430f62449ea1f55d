/**
 * The end of an attempt: what became of each row, the report and the record, all or nothing. Nothing is written when
 * one of the rows is not under the lease any more, for then somebody else decides about it.
 */
import type { Lease, SettledRow, SettleResult } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { Deposits } from "./deposits.ts";
import { Destinations } from "./destinations.ts";
import type { JournalWrites } from "./journal-writes.ts";
import { LeasedRows, type LeasedRow } from "./leased-rows.ts";
import type { StoredReport, StoredSettlement } from "./operations.ts";
import { QueueRows } from "./queue-rows.ts";
import { ReportCountWrites } from "./report-counts.ts";
import { SentCounts } from "./sent-counts.ts";

export interface ReportOctets {
  readonly head: Uint8Array;
  readonly content: Uint8Array;
}

type DueAgain = SettledRow & { readonly kind: "due again" };

export class QueueSettlements {
  readonly #deposits;
  readonly #journal;
  readonly #rows;
  readonly #leasedRows;
  readonly #destinations;
  readonly #sent;
  readonly #reportCounts;
  readonly #wait;

  constructor(connection: Connection, deposits: Deposits, journal: JournalWrites) {
    this.#deposits = deposits;
    this.#journal = journal;
    this.#rows = new QueueRows(connection);
    this.#leasedRows = new LeasedRows(connection);
    this.#destinations = new Destinations(connection);
    this.#sent = new SentCounts(connection);
    this.#reportCounts = new ReportCountWrites(connection);
    this.#wait = connection.query(
      `UPDATE queue SET lease_owner = NULL, lease_fence = NULL, attempts = attempts + 1,
         last_at = ?, last_outcome = ?, delay_reported = ?, in_doubt = ?,
         due_at = CASE wish WHEN 'hold' THEN NULL ELSE ? END
       WHERE id = ?`,
    );
  }

  settle(settlement: StoredSettlement, octets: ReportOctets | undefined): SettleResult {
    const { lease, rows, report, untold = [], record, at } = settlement;
    const leased = this.#leasedOf(lease, rows);
    const lost = rows.filter((_, i) => leased[i] === undefined).map(({ id }) => id);
    if (lost.length > 0) return { kind: "lease lost", rows: lost };
    rows.forEach((row, i) => this.#end(row, leased[i], at));
    for (const destination of new Set(leased.flatMap((row) => row?.destination ?? [])))
      this.#destinations.changed(destination, at);
    const reported =
      report !== undefined && octets !== undefined && this.#store(report, octets, at);
    for (const reason of untold) this.#reportCounts.untold(at, reason, 1);
    if (report !== undefined && !reported) {
      const failed = rows.filter(({ kind }) => kind === "failed").length;
      this.#reportCounts.untold(at, "nowhere", failed - untold.length);
    }
    if (record !== undefined) this.#journal.add(record);
    return { kind: "settled", reported };
  }

  /** A row that is named twice is not there the second time. */
  #leasedOf(lease: Lease, rows: readonly SettledRow[]): readonly (LeasedRow | undefined)[] {
    const seen = new Set<number>();
    return rows.map(({ id }) => {
      const twice = seen.has(id);
      seen.add(id);
      return twice ? undefined : this.#leasedRows.find(lease, id);
    });
  }

  #end(settled: SettledRow, leased: LeasedRow | undefined, at: number): void {
    if (leased === undefined) return;
    if (settled.kind === "failed") this.#sent.failed(settled.id, at);
    if (settled.kind === "due again" && leased.wish !== "remove") this.#waitAgain(settled, at);
    else this.#rows.remove(leased);
  }

  #waitAgain({ id, dueAt, outcome, delayReported, inDoubt }: DueAgain, at: number): void {
    const [told, doubt] = [delayReported ? 1 : 0, inDoubt ? 1 : 0];
    this.#wait.run(at, JSON.stringify(outcome), told, doubt, dueAt, id);
  }

  #store(
    { id: name, proof, ...report }: StoredReport,
    { head, content }: ReportOctets,
    at: number,
  ): boolean {
    const octets = head.length + content.length;
    const stored = this.#deposits.storeReport({ ...report, name, octets, head, content });
    if (stored) this.#reportCounts.report(at, proof, report.departure !== undefined);
    return stored;
  }
}
