/**
 * A policy tried on what has happened: each decision of the journal judged again under another configuration, by the server's own checks
 * on the facts of then. Promises: nothing is asked anew, what was not kept is unknown and never guessed, and memory is bounded.
 */
import {
  isAtLeast,
  type FactAction,
  type FactDecision,
  type IdentityLevel,
  type SettingFact,
} from "../../mail/index.ts";
import type { StageVerdict } from "../../policy/checks/index.ts";
import type { PastStages, StageName } from "./judges.ts";
import {
  EXAMPLES,
  REFUSED_SENDERS,
  type Change,
  type Example,
  type Fate,
  type RefusedSender,
  type Rehearsal,
  type StaleFacts,
  type Unknown,
} from "./rehearsal.ts";
import type { PastTransaction } from "./transactions.ts";
import { isTaken } from "./why.ts";

/** Said before any check was asked: no policy has a say. */
const NOT_POLICY = new Set([
  "bodies",
  "header section",
  "undecided",
  "unknown recipients",
  "put off to the recipients",
  "relay test",
]);

interface Judged {
  readonly fate: Fate;
  readonly check: string;
  readonly setting?: SettingFact;
}

export class Rehearsing {
  readonly #stages: PastStages;
  readonly #stale: StaleFacts;
  readonly #changes = new Map<string, Change>();
  readonly #unknown = new Map<string, Unknown>();
  readonly #refused = new Map<string, RefusedSender>();
  readonly #counts = { same: 0, changed: 0, unknown: 0, notReached: 0 };
  #transactions = 0;
  #folded = 0;
  #moreRefused = 0;

  constructor(stages: PastStages, stale: StaleFacts) {
    this.#stages = stages;
    this.#stale = stale;
  }

  /** `count`: sessions of which this one is the first. */
  add(transactions: readonly PastTransaction[], count: number): void {
    this.#folded += transactions.length === 0 ? 0 : count - 1;
    for (const transaction of transactions) this.#judge(transaction);
  }

  result(): Rehearsal {
    return {
      transactions: this.#transactions,
      folded: this.#folded,
      decisions: { ...this.#counts },
      changes: mostFirst(this.#changes),
      unknown: mostFirst(this.#unknown),
      refusedSenders: [...this.#refused.values()].toSorted(
        (a, b) => b.transactions - a.transactions,
      ),
      moreRefused: this.#moreRefused,
    };
  }

  #judge(transaction: PastTransaction): void {
    const { sender, recipients, message } = transaction;
    this.#transactions++;
    const begun = this.#decide(transaction, "sender", sender.decision);
    if (!goesOn(begun)) {
      this.#counts.notReached += recipients.length + (message === undefined ? 0 : 1);
      if (wasTaken(transaction)) this.#noteRefused(transaction);
      return;
    }
    const taken = recipients.map(({ address, decision }) =>
      goesOn(this.#decide(transaction, "recipient", decision, address)),
    );
    if (message === undefined) return;
    const reaches = taken.length === 0 || taken.includes(true);
    if (!reaches) this.#counts.notReached++;
    const judged = reaches ? this.#decide(transaction, "message", message.decision) : undefined;
    if (wasTaken(transaction) && (!reaches || !goesOn(judged))) this.#noteRefused(transaction);
  }

  /** The fate of now; where nobody can tell, that of then. */
  #decide(
    transaction: PastTransaction,
    stage: StageName,
    decision: FactDecision | undefined,
    to?: string,
  ): Fate | undefined {
    if (decision === undefined) return undefined; // nothing was judged
    const before = fateOf(decision.action);
    const example = exampleOf(transaction, to);
    if (NOT_POLICY.has(decision.check)) {
      this.#counts.same++;
      return before;
    }
    const why = unjudgeable(decision) ?? this.#stale(transaction, stage, decision, to);
    if (why !== undefined) return this.#noteUnknown(why, example, before);
    const { verdict, unknown } = this.#stages[stage].judge(decision.checks ?? []);
    if (unknown.length > 0)
      return this.#noteUnknown(`no facts of ${unknown.join(", ")}`, example, before);
    const after = fateOf(verdict.action);
    if (after === before) {
      this.#counts.same++;
      return after;
    }
    const check = isTaken(verdict.action) ? decision.check : verdict.check;
    const setting = settingOf(verdict);
    const judged = { fate: after, check, ...(setting !== undefined && { setting }) };
    this.#noteChange(stage, before, judged, example);
    return after;
  }

  #noteChange(stage: StageName, before: Fate, judged: Judged, example: Example): void {
    const { fate: after, check, setting } = judged;
    this.#counts.changed++;
    const key = [stage, before, after, check, setting?.key].join("|");
    const known = this.#changes.get(key);
    this.#changes.set(key, {
      stage,
      before,
      after,
      check,
      ...(setting !== undefined && { setting }),
      ...counted(known, example),
    });
  }

  #noteUnknown(reason: string, example: Example, before: Fate): Fate {
    this.#counts.unknown++;
    this.#unknown.set(reason, { reason, ...counted(this.#unknown.get(reason), example) });
    return before;
  }

  #noteRefused(transaction: PastTransaction): void {
    const { sender, level } = transaction;
    const { address } = sender;
    const known = this.#refused.get(address);
    if (known === undefined && this.#refused.size === REFUSED_SENDERS) {
      this.#moreRefused++;
      return;
    }
    this.#refused.set(address, {
      address,
      transactions: (known?.transactions ?? 0) + 1,
      level: better(known?.level ?? "none", level),
      example: known?.example ?? exampleOf(transaction),
    });
  }
}

function counted(
  known: { readonly count: number; readonly examples: readonly Example[] } | undefined,
  example: Example,
): { readonly count: number; readonly examples: readonly Example[] } {
  const { count = 0, examples = [] } = known ?? {};
  return {
    count: count + 1,
    examples: examples.length < EXAMPLES ? [...examples, example] : examples,
  };
}

function mostFirst<One extends { readonly count: number }>(
  all: ReadonlyMap<string, One>,
): readonly One[] {
  return [...all.values()].toSorted((a, b) => b.count - a.count);
}

function exampleOf({ session, sender }: PastTransaction, to?: string): Example {
  const { session: id, at, ip } = session;
  return { session: id, at, ip, from: sender.address, ...(to !== undefined && { to }) };
}

function fateOf(action: FactAction): Fate {
  switch (action) {
    case "accept":
    case "continue":
      return "taken";
    case "mark":
      return "marked";
    case "defer":
      return "deferred";
    case "refuse":
      return "refused";
  }
}

function goesOn(fate: Fate | undefined): boolean {
  return fate === undefined || fate === "taken" || fate === "marked";
}

export function wasTaken({ message }: PastTransaction): boolean {
  return message !== undefined && goesOn(fateOf(message.decision.action));
}

/** Of marks, that of the first. */
function settingOf(verdict: StageVerdict): SettingFact | undefined {
  if (verdict.action === "mark")
    return verdict.checks.find(({ action }) => action === "mark")?.setting;
  return "setting" in verdict ? verdict.setting : undefined;
}

function unjudgeable({ checks }: FactDecision): string | undefined {
  return checks === undefined ? "no facts were kept" : undefined;
}

function better(one: IdentityLevel, other: IdentityLevel): IdentityLevel {
  return isAtLeast(one, other) ? one : other;
}
