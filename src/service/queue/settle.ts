/**
 * What an attempt means for each of its recipients: done, due again or failed, and whom a notification has to name. Pure;
 * the store does in one transaction what is said here.
 */
import { outcomeKind, status, type Outcome } from "../../mail/index.ts";
import type { QueueRow, SettledRow } from "../../store/index.ts";
import { expiryOf, nextAttempt, type Schedule } from "./schedule.ts";

export interface Attempted {
  readonly row: QueueRow;
  readonly outcome: Outcome;
}

export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** In [0, 1): one for all recipients of an attempt, so that those who can go together again do. */
  readonly chance: number;
}

/** A recipient that a notification names. */
export interface Reportable {
  readonly row: QueueRow;
  /** Of the last attempt; where the time is over this one says so (RFC 3463 X.4.7), and `last` what the reason was. */
  readonly outcome: Outcome;
  readonly last: Outcome;
  /** Until when it is tried, for those that are late. */
  readonly retryUntil: number;
}

export interface Settled {
  readonly rows: readonly SettledRow[];
  readonly failed: readonly Reportable[];
  readonly delayed: readonly Reportable[];
  /** Failed, and nobody may be told by a message: for the journal and the operator. */
  readonly untold: readonly Reportable[];
}

/** The whole of what may come of one recipient. */
type End =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly outcome: Outcome }
  | { readonly kind: "due again"; readonly dueAt: number; readonly late: boolean };

export function settle(
  attempted: readonly Attempted[],
  schedule: Schedule,
  moment: Moment,
): Settled {
  const rows: SettledRow[] = [];
  const failed: Reportable[] = [];
  const delayed: Reportable[] = [];
  const untold: Reportable[] = [];
  for (const attempt of attempted) {
    const end = endOf(attempt, schedule, moment);
    rows.push(settledRow(attempt, end));
    if (end.kind === "failed") {
      const told = wantsFailures(attempt.row) ? failed : untold;
      told.push(reportable(attempt, end.outcome, schedule));
    } else if (end.kind === "due again" && end.late)
      delayed.push(reportable(attempt, attempt.outcome, schedule));
  }
  return { rows, failed, delayed, untold };
}

function endOf({ row, outcome }: Attempted, schedule: Schedule, { now, chance }: Moment): End {
  switch (outcomeKind(outcome)) {
    case "delivered":
      return { kind: "done" };
    case "failed":
      return { kind: "failed", outcome };
    case "deferred": {
      const expiry = expiryOf(row.acceptedAt, schedule);
      if (now >= expiry) return { kind: "failed", outcome: { ...outcome, status: EXPIRED } };
      const next = nextAttempt(schedule, row.attempts, now, chance);
      return {
        kind: "due again",
        dueAt: Math.min(next, expiry),
        late: isLate(row, schedule, now),
      };
    }
  }
}

function settledRow({ row, outcome }: Attempted, end: End): SettledRow {
  const { id } = row;
  if (end.kind !== "due again") return { id, kind: end.kind };
  return {
    id,
    kind: end.kind,
    dueAt: end.dueAt,
    outcome,
    delayReported: row.delayReported || end.late,
    inDoubt: row.inDoubt || outcome.inDoubt === true,
  };
}

/** It is time to tell a user of ours, once, unless that was not wanted. */
function isLate(row: QueueRow, { delayReportMs }: Schedule, now: number): boolean {
  if (row.delayReported || now - row.acceptedAt < delayReportMs) return false;
  return row.tell === "own user" && mayBeTold(row, "DELAY");
}

function wantsFailures(row: QueueRow): boolean {
  return row.tell !== "nobody" && mayBeTold(row, "FAILURE");
}

/** The null path gets no answer (RFC 5321 §4.5.5); who said nothing wants both (RFC 3461 §4.1). */
function mayBeTold({ reversePath, parameters }: QueueRow, what: "DELAY" | "FAILURE"): boolean {
  if (reversePath === "") return false;
  return parameters.notify === undefined || parameters.notify.includes(what);
}

function reportable({ row, outcome: last }: Attempted, outcome: Outcome, schedule: Schedule) {
  return { row, outcome, last, retryUntil: expiryOf(row.acceptedAt, schedule) };
}

const EXPIRED = status(550, "5.4.7", "delivery time expired", "queue");
