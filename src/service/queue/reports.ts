/**
 * Who is told what of one message at one moment: one report with all its recipients, to the sender whose own address
 * it is known to be, and to nobody else. Whatever may not be reported is left to the operator, with the reason.
 */
import { outcomeKind, parseAddress, type Address, type Notify } from "../../mail/index.ts";
import {
  recogniseReport,
  reportDecision,
  type Action,
  type Origin,
  type ReportDecision,
} from "../../protocol/dsn/index.ts";
import type { QueueId, QueueRow, Report, WhomToTell } from "../../store/index.ts";
import type { NotificationRoute, QueueDeps } from "./deps.ts";
import { readOriginal, type Original } from "./original.ts";
import { composeReport, type Fate } from "./report-message.ts";
import type { Attempted, Reportable, Settled } from "./settle.ts";

export type ReportsDeps = Pick<
  QueueDeps,
  "queue" | "policy" | "site" | "signing" | "random" | "log"
>;

export interface Reporting {
  readonly report?: Report;
  /** Whom it goes to, by what is known of him; and of what. */
  readonly tell?: WhomToTell;
  readonly fates?: readonly Fate[];
  readonly decisions: ReadonlyMap<QueueId, ReportDecision>;
  /** Failures that no sender is told of. */
  readonly untold: readonly Untold[];
}

export interface Untold {
  readonly failure: Reportable;
  readonly reason: string;
}

const NOTHING: Reporting = { decisions: new Map(), untold: [] };

/** `attempted` and `settled` are of one message. Rejects when it cannot be read now. */
export async function reportOn(
  attempted: readonly Attempted[],
  settled: Settled,
  moment: { readonly now: number; readonly wholeLimit: number },
  deps: ReportsDeps,
): Promise<Reporting> {
  const fates = fatesOf(attempted, settled);
  const row = fates[0]?.row;
  if (row === undefined) return NOTHING;
  const { ret, requireTls } = row.parameters;
  // RFC 8689 §5: a report carries no content that was to go to verified servers only.
  const wholeLimit = ret === "FULL" && requireTls !== true ? moment.wholeLimit : 0;
  const original = await readOriginal(row, deps.queue, wholeLimit);
  const wanted = decide(row, fates, original);
  const named = fates.filter((fate) => wanted.get(fate.row.id)?.due === true);
  const [first, ...others] = named;
  if (first === undefined) return { decisions: wanted, untold: untoldOf(fates, wanted) };
  const report = await sent(row, [first, ...others], original, moment.now, deps);
  if (typeof report !== "string")
    return {
      report,
      tell: row.tell,
      fates: named,
      decisions: wanted,
      untold: untoldOf(fates, wanted),
    };
  const decisions = new Map(wanted);
  for (const fate of named) decisions.set(fate.row.id, { due: false, reason: report });
  return { decisions, untold: untoldOf(fates, decisions) };
}

function fatesOf(attempted: readonly Attempted[], settled: Settled): readonly Fate[] {
  const as = (action: Action) => (one: Reportable) => ({ ...one, action });
  return [
    ...[...settled.failed, ...settled.untold].map(as("failed")),
    ...settled.delayed.map(as("delayed")),
    ...attempted.filter(isRelayed).map(({ row, outcome }) => ({
      row,
      outcome,
      last: outcome,
      retryUntil: 0, // it is tried no more
      action: "relayed" as const,
    })),
  ];
}

/** RFC 3461 §5.2.2: the next hop will not report the success that was asked for, so we say how far it came. */
function isRelayed({ row, outcome }: Attempted): boolean {
  const wanted = row.parameters.notify?.includes("SUCCESS") === true;
  return wanted && outcomeKind(outcome) === "delivered" && outcome.dsnPassedOn !== true;
}

function decide(
  row: QueueRow,
  fates: readonly Fate[],
  { headerSection }: Original,
): ReadonlyMap<QueueId, ReportDecision> {
  const path = senderOf(row);
  const sign = recogniseReport(path ?? null, headerSection);
  const message = { origin: ORIGINS[row.tell], sign };
  return new Map(
    fates.map((fate) => [fate.row.id, reportDecision(message, fate.action, notifyOf(fate.row))]),
  );
}

const ORIGINS: Readonly<Record<WhomToTell, Origin>> = {
  "own user": "submitted",
  "proved sender": "verified",
  nobody: "unverified",
};

/** The report; or why there can be none. */
async function sent(
  row: QueueRow,
  fates: readonly [Fate, ...Fate[]],
  original: Original,
  now: number,
  deps: ReportsDeps,
): Promise<Report | string> {
  const to = senderOf(row);
  if (to === undefined) return "the sender's address is none";
  const route = deps.policy.route(to, row.tell);
  const abroad = granted(route, deps);
  if (route.mailboxes.length === 0 && abroad.length === 0) return "the sender has no mailbox here";
  return composeReport({ row, to, fates, original, now, mailboxes: route.mailboxes, abroad }, deps);
}

function granted({ abroad }: NotificationRoute, { policy }: ReportsDeps) {
  return abroad.flatMap((place) => {
    const grant = policy.ownNotificationGrant(place.forwardPath);
    return grant === undefined ? [] : [{ ...place, grant }];
  });
}

/** Whoever sent it to us: a forward's own return path would bring the report back here. */
function senderOf({ reversePath, evidence }: QueueRow): Address | undefined {
  const address = parseAddress(evidence?.sender ?? reversePath);
  return typeof address === "string" ? undefined : address;
}

function notifyOf({ parameters: { notify } }: QueueRow): Notify | undefined {
  if (notify === undefined) return undefined;
  const has = (word: (typeof notify)[number]): boolean => notify.includes(word);
  return { success: has("SUCCESS"), failure: has("FAILURE"), delay: has("DELAY") };
}

/** Failures only: nobody misses the news that mail is late, or arrived. */
function untoldOf(
  fates: readonly Fate[],
  decisions: ReadonlyMap<QueueId, ReportDecision>,
): readonly Untold[] {
  return fates.flatMap((fate) => {
    const { due = false, reason = "" } = decisions.get(fate.row.id) ?? {};
    return fate.action === "failed" && !due ? [{ failure: fate, reason }] : [];
  });
}
