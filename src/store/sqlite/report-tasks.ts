/** What others report and what we saw, on the writer thread. */
import type { KeepResult, ReportMailId, TlsReport } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { Deposits } from "./deposits.ts";
import { Holders } from "./holders.ts";
import type { OperationResult, ReportOperation } from "./operations.ts";
import { ReportMailRows, type TakenMail } from "./report-mail-rows.ts";
import { TlsCounts } from "./tls-counts.ts";
import { TlsReportRows } from "./tls-report-rows.ts";

const DONE = { kind: "done" } as const;
const GONE = { kind: "gone" } as const;
const TOO_MANY: KeepResult = { kind: "too many" };
const NOTHING_KEPT: KeepResult = { kind: "kept", fresh: 0 };

export class ReportTasks {
  readonly #deposits: Deposits;
  readonly #mails: ReportMailRows;
  readonly #holders: Holders;
  readonly #rows: TlsReportRows;
  readonly #counts: TlsCounts;

  constructor(connection: Connection, deposits: Deposits) {
    this.#deposits = deposits;
    this.#mails = new ReportMailRows(connection);
    this.#holders = new Holders(connection);
    this.#rows = new TlsReportRows(connection);
    this.#counts = new TlsCounts(connection);
  }

  perform(operation: ReportOperation): OperationResult {
    switch (operation.kind) {
      case "keep reports":
        return this.#keep(operation.id, operation.reports, operation.perDay);
      case "deposit report mail":
        return this.#deposits.depositWaiting(operation.id, operation.mailbox) ? DONE : GONE;
      case "drop report mail":
        this.#drop(operation.id);
        return DONE;
      case "count tls results":
        this.#counts.add(operation.counts);
        return DONE;
      case "prune reports":
        return this.#rows.prune(operation.before, operation.maxOctets);
      case "prune tls results":
        return this.#counts.prune(operation.beforeDay);
    }
  }

  #keep(id: ReportMailId, reports: readonly TlsReport[], perDay: number): KeepResult {
    const at = this.#mails.receivedAt(id);
    if (at === undefined) return NOTHING_KEPT;
    const fresh = reports.filter((report) => !this.#rows.has(report));
    if (fresh.length > 0 && this.#rows.ofDay(at) + fresh.length > perDay) return TOO_MANY;
    const mail = this.#drop(id);
    if (mail === undefined) return NOTHING_KEPT;
    for (const report of fresh) this.#rows.add(report, mail);
    return { kind: "kept", fresh: fresh.length };
  }

  #drop(id: ReportMailId): TakenMail | undefined {
    const mail = this.#mails.take(id);
    if (mail !== undefined) this.#holders.release(mail.message);
    return mail;
  }
}
