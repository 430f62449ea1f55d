/**
 * The end of attempts: what each means for its rows, the report and the record, in one transaction. Rows that were lost
 * to somebody else meanwhile are left out, and the rest is settled without them.
 */
import { outcomeKind, type Carrier, type Domain, type OutcomeKind } from "../../mail/index.ts";
import { errorText, type HourlyCounts } from "../../runtime/index.ts";
import { StoreError, type Lease, type SettledRow } from "../../store/index.ts";
import type { Rest } from "./destinations.ts";
import type { QueueDeps } from "./deps.ts";
import type { Figures } from "./figures.ts";
import type { Insistence } from "./insistence.ts";
import type { Load } from "./loads.ts";
import type { Notices } from "./notices.ts";
import { attemptRecord } from "./record.ts";
import { reportOn, type Reporting } from "./reports.ts";
import type { Schedule } from "./schedule.ts";
import { settle, type Attempted, type Settled } from "./settle.ts";

/** All of one message. */
type AttemptedRows = readonly [Attempted, ...Attempted[]];

export interface EndedAttempt {
  readonly lease: Lease;
  readonly destination: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly carried?: Carrier;
  readonly passedOver?: readonly string[];
  readonly attempted: readonly Attempted[];
}

export interface SettlementParts {
  readonly deps: QueueDeps;
  readonly insistence: Insistence;
  readonly notices: Notices;
  readonly figures: Figures;
  /** Reports that left, by the domain elsewhere of the sender. */
  readonly strangers: HourlyCounts<Domain>;
  readonly rules: () => {
    readonly schedule: Schedule;
    readonly wholeLimit: number;
    /** In an hour, to one domain. */
    readonly strangerReports: number;
  };
}

export class Settlements {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async end(attempt: EndedAttempt): Promise<void> {
    let { attempted } = attempt;
    for (;;) {
      const [first, ...others] = attempted;
      if (first === undefined) return;
      const rows: AttemptedRows = [first, ...others];
      const result = await this.#parts.insistence.until(() => this.#write(attempt, rows));
      if (result?.kind !== "lease lost") return;
      const lost = new Set(result.rows);
      attempted = attempted.filter(({ row }) => !lost.has(row.id));
      if (lost.size === 0) throw new Error("a lease was lost, and no row with it");
    }
  }

  /**
   * These were not tried, for their destination rests: they share its outcome. Most have nothing to tell anybody; their
   * rows go in one transaction, without a record.
   */
  async share(loads: readonly Load[], { outcome }: Rest): Promise<void> {
    const quiet = new Map<Lease, SettledRow[]>();
    for (const { lease, destination, rows } of loads) {
      const attempted = rows.map((row) => ({ row, outcome }));
      const settled = this.#settled(attempted);
      if (isQuiet(settled)) quiet.set(lease, [...(quiet.get(lease) ?? []), ...settled.rows]);
      else await this.end({ lease, destination, began: this.#now(), attempted });
    }
    for (const [lease, rows] of quiet) await this.#writeQuiet(lease, rows);
  }

  async #write(attempt: EndedAttempt, attempted: AttemptedRows) {
    const { deps, figures } = this.#parts;
    const now = this.#now();
    const settled = this.#settled(attempted);
    const reporting = await this.#reportOn(attempted, settled, now);
    const { report, decisions, untold } = reporting;
    const record = attemptRecord({
      ...attempt,
      ended: now,
      attempted,
      rows: settled.rows,
      decisions,
      ...(report !== undefined && { report: report.id }),
    });
    const { lease } = attempt;
    const { rows } = settled;
    const result = await deps.queue.settle({
      lease,
      at: now,
      rows,
      record,
      untold: untold.map(({ silence }) => silence),
      ...(report !== undefined && { report }),
    });
    if (result.kind === "lease lost")
      deps.log.warn("lease lost", { destination: attempt.destination, rows: result.rows.length });
    else {
      figures.settled(attempted);
      this.#log(attempt, attempted);
      this.#tell(reporting, result.reported);
    }
    return result;
  }

  #log({ destination, carried }: EndedAttempt, attempted: AttemptedRows): void {
    const count = (kind: OutcomeKind): number =>
      attempted.filter(({ outcome }) => outcomeKind(outcome) === kind).length;
    this.#parts.deps.log.info("delivery attempt", {
      message: attempted[0].row.message,
      destination,
      host: carried?.host,
      delivered: count("delivered"),
      deferred: count("deferred"),
      failed: count("failed"),
    });
  }

  /** A fault of ours in making a report must not keep its rows for ever. */
  async #reportOn(attempted: AttemptedRows, settled: Settled, now: number): Promise<Reporting> {
    const { deps, rules, strangers } = this.#parts;
    try {
      const { wholeLimit, strangerReports } = rules();
      const hasRoom = (domain: Domain) => strangers.hasRoom(domain, strangerReports);
      return await reportOn(attempted, settled, { now, wholeLimit, hasRoom }, deps);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const todo = "this is a fault of the server; report it with this line";
      const { message } = attempted[0].row;
      deps.log.error("report not made", { message, problem: errorText(error), todo });
      const reason = "the report could not be made";
      const silence = "fault" as const;
      const failures = [...settled.failed, ...settled.untold];
      const untold = failures.map((failure) => ({ failure, reason, silence }));
      return { decisions: new Map(), untold };
    }
  }

  #tell({ report, tell, strangerOf, fates = [], untold }: Reporting, reported: boolean): void {
    const { notices, figures, strangers } = this.#parts;
    for (const one of untold) notices.add(one);
    if (report === undefined) return;
    if (strangerOf !== undefined) strangers.count(strangerOf);
    if (reported && tell !== undefined) return figures.reported(tell, report);
    const gone = { reason: "the sender's mailbox has gone", silence: "nowhere" } as const;
    for (const failure of fates) if (failure.action === "failed") notices.add({ failure, ...gone });
  }

  async #writeQuiet(lease: Lease, rows: readonly SettledRow[]): Promise<void> {
    const { deps, insistence } = this.#parts;
    let left = rows;
    for (;;) {
      const settlement = { lease, at: this.#now(), rows: left };
      const result = await insistence.until(() => deps.queue.settle(settlement));
      if (result?.kind !== "lease lost" || result.rows.length === 0) return;
      const lost = new Set(result.rows);
      left = left.filter(({ id }) => !lost.has(id));
    }
  }

  #settled(attempted: readonly Attempted[]): Settled {
    const chance = chanceOf(this.#parts.deps.random.octets(CHANCE_OCTETS));
    return settle(attempted, this.#parts.rules().schedule, { now: this.#now(), chance });
  }

  #now(): number {
    return this.#parts.deps.clock.now();
  }
}

/** Nothing came of it but a later time. */
function isQuiet({ rows, delayed }: Settled): boolean {
  return delayed.length === 0 && rows.every(({ kind }) => kind === "due again");
}

/**
 * What a server that stops has not come to: no word of the other side, and surely nothing that it took. As good as not
 * attempted.
 */
export function isUnfinished({ outcome }: Attempted): boolean {
  const isKnown = outcome.reply !== undefined || outcome.inDoubt === true;
  return outcomeKind(outcome) === "deferred" && !isKnown;
}

const CHANCE_OCTETS = 4;

function chanceOf(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => (sum + octet) / 256, 0);
}
