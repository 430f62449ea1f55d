/** What comes of a rehearsal: how many decisions would go another way, why, for whom; and of how many nobody can tell. */
import type { FactDecision, IdentityLevel, SettingFact } from "../../mail/index.ts";
import type { StageName } from "./judges.ts";
import type { PastTransaction } from "./transactions.ts";

/** Of each kind of change, sessions that are named. */
export const EXAMPLES = 5;
/** Senders newly refused that are counted each by itself. */
export const REFUSED_SENDERS = 10_000;

/** What is made of a decision, whatever word there is for a yes. */
export type Fate = "taken" | "marked" | "deferred" | "refused";

export interface Example {
  readonly session: string;
  /** When it began, milliseconds since 1970. */
  readonly at: number;
  readonly ip: string;
  readonly from: string;
  readonly to?: string;
}

/** Decisions that would go another way, for one reason. */
export interface Change {
  readonly stage: StageName;
  readonly before: Fate;
  readonly after: Fate;
  /** Who decides now; who decided then, where nobody does any more. */
  readonly check: string;
  readonly setting?: SettingFact;
  readonly count: number;
  readonly examples: readonly Example[];
}

export interface Unknown {
  readonly reason: string;
  readonly count: number;
  readonly examples: readonly Example[];
}

/** Somebody whose mail was taken and would not be. */
export interface RefusedSender {
  /** A journal key. */
  readonly address: string;
  readonly transactions: number;
  /** The best of all. */
  readonly level: IdentityLevel;
  readonly example: Example;
}

export interface Rehearsal {
  readonly transactions: number;
  /** Sessions that went the same way as one that is counted; their own facts were not kept. */
  readonly folded: number;
  readonly decisions: {
    readonly same: number;
    readonly changed: number;
    readonly unknown: number;
    /** What would not have come so far: after a no at MAIL, or to all recipients. */
    readonly notReached: number;
  };
  /** The most frequent first. */
  readonly changes: readonly Change[];
  readonly unknown: readonly Unknown[];
  readonly refusedSenders: readonly RefusedSender[];
  /** Mails of senders beyond those that are counted each by itself. */
  readonly moreRefused: number;
}

/** Why what was gathered cannot be judged under the new configuration; undefined where it can. */
export type StaleFacts = (
  transaction: PastTransaction,
  stage: StageName,
  decision: FactDecision,
  /** A recipient's journal key. */
  to?: string,
) => string | undefined;
