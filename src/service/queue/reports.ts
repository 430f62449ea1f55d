/**
 * Who is told what of one message at one moment: one report with all its recipients, to the sender whose own address
 * it is known to be, and to nobody else: elsewhere only with a `VerifiedSender`, which is made anew of what the row has kept. Whatever may not be reported is left to the operator, with the reason.
 */
import {
  outcomeKind,
  parseAddress,
  type Address,
  type Domain,
  type Notify,
} from "../../mail/index.ts";
import {
  recogniseReport,
  reportDecision,
  type Action,
  type Origin,
} from "../../protocol/dsn/index.ts";
import type { QueueId, QueueRow, Report, UntoldReason, WhomToTell } from "../../store/index.ts";
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
  /** It goes to somebody there, of what was sent on for him. */
  readonly strangerOf?: Domain;
  readonly decisions: ReadonlyMap<QueueId, Decision>;
  /** Failures that no sender is told of. */
  readonly untold: readonly Untold[];
}

export type Decision =
  | { readonly due: true; readonly reason: string }
  | ({ readonly due: false } & Silent);

/** In words, and as it is counted. */
export interface Silent {
  readonly reason: string;
  readonly silence: UntoldReason;
}

export interface Untold extends Silent {
  readonly failure: Reportable;
}

export interface ReportingMoment {
  readonly now: number;
  /** Octets up to which a message comes back whole. */
  readonly wholeLimit: number;
  /** Senders of this domain elsewhere may be told once more. */
  readonly hasRoom: (domain: Domain) => boolean;
}

const NOTHING: Reporting = { decisions: new Map(), untold: [] };

/** `attempted` and `settled` are of one message. Rejects when it cannot be read now. */
export async function reportOn(
  attempted: readonly Attempted[],
  settled: Settled,
  moment: ReportingMoment,
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
  const made = await sent(row, [first, ...others], original, moment, deps);
  if ("report" in made)
    return {
      ...made,
      tell: row.tell,
      fates: named,
      decisions: wanted,
      untold: untoldOf(fates, wanted),
    };
  const decisions = new Map(wanted);
  for (const fate of named) decisions.set(fate.row.id, { due: false, ...made });
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
): ReadonlyMap<QueueId, Decision> {
  const path = senderOf(row);
  const sign = recogniseReport(path ?? null, headerSection);
  const message = { origin: ORIGINS[row.tell], sign };
  return new Map(
    fates.map(({ row: one, action }) => {
      const decision = reportDecision(message, action, notifyOf(one));
      const isOurs = one.grant?.basis === "own-notification";
      return [one.id, !decision.due && isOurs ? { ...decision, silence: "returned" } : decision];
    }),
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
  { now, hasRoom }: ReportingMoment,
  deps: ReportsDeps,
): Promise<{ readonly report: Report; readonly strangerOf?: Domain } | Silent> {
  const to = senderOf(row);
  if (to === undefined) return { reason: "the sender's address is none", silence: "nowhere" };
  const { mailboxes, abroad, strangerOf } = routeTo(to, row, deps.policy);
  if (mailboxes.length === 0 && abroad.length === 0) return NOWHERE[row.tell];
  if (strangerOf !== undefined && !hasRoom(strangerOf)) return TOO_MANY;
  const parts = { row, to, fates, original, now, mailboxes, abroad };
  const report = await composeReport(parts, deps);
  return { report, ...(strangerOf !== undefined && { strangerOf }) };
}

/** Unknown recipients were counted when they were taken, and a peer's pairs are between the two. */
function routeTo(
  to: Address,
  row: QueueRow,
  policy: ReportsDeps["policy"],
): NotificationRoute & Pick<Reporting, "strangerOf"> {
  const here = policy.route(to);
  const shown = row.tell === "proved sender" ? policy.verifiedSender(row) : undefined;
  if (row.tell === "own user") return here;
  if (shown === undefined) return { mailboxes: [], abroad: [] };
  const there = policy.strangerRoute(shown);
  const { host } = shown.address;
  const isCounted = there.abroad.length > 0 && row.settled === undefined && shown.by !== "peer";
  return {
    mailboxes: here.mailboxes,
    abroad: [...here.abroad, ...there.abroad],
    ...(isCounted && host.kind === "domain" && { strangerOf: host.domain }),
  };
}

const UNVERIFIED: Silent = {
  reason: "nothing that was kept shows that the sender's address is his",
  silence: "unverified",
};
const TOO_MANY: Silent = {
  reason: "the sender's domain has had its reports of this hour",
  silence: "too many",
};
const NOWHERE: Readonly<Record<WhomToTell, Silent>> = {
  "own user": { reason: "the sender has no mailbox here", silence: "nowhere" },
  "proved sender": UNVERIFIED,
  nobody: UNVERIFIED,
};

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
  decisions: ReadonlyMap<QueueId, Decision>,
): readonly Untold[] {
  return fates.flatMap((fate) => {
    const decision = decisions.get(fate.row.id);
    if (fate.action !== "failed" || decision === undefined || decision.due) return [];
    const { reason, silence } = decision;
    return [{ failure: fate, reason, silence }];
  });
}
