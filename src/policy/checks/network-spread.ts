/**
 * A trusted address that speaks for many strangers to many places has been broken into, or stands for everybody after all. It is
 * held before its reputation is ours. What is judged is how many domains its senders had that are not ours, times how
 * many domains it sent to: an own newsletter is zero times many, a spam run few times many, an open relay many times many.
 */
import { status, type Domain, type Ip, type ReversePath } from "../../mail/index.ts";
import type { Verdict } from "./verdict.ts";

/** A recipient that a trusted address wants to send to. */
export interface SpreadQuestion {
  readonly ip: Ip;
  /** The entry that holds it, as it is written. */
  readonly network: string;
  readonly reversePath: ReversePath;
  readonly to: Domain;
}

export type SpreadFacts = {
  readonly network: string;
  /** In the last hour: domains of foreign senders (the null sender is one), domains sent to. */
  readonly senders: number;
  readonly recipients: number;
  /** Of their product. */
  readonly limit: number;
  /** Until it may send again; 0 when it is not held. */
  readonly heldMinutes: number;
};

/** Who counts; handed in. */
export interface SpreadCounts {
  ask(question: SpreadQuestion): SpreadFacts;
}

const NAME = "network spread";

export function judgeSpread(facts: SpreadFacts): Verdict {
  if (facts.heldMinutes === 0) return { action: "continue", check: NAME, evidence: facts };
  const { heldMinutes, senders, recipients } = facts;
  const words =
    `mail from your address is held for ${heldMinutes} more minutes: ` +
    `${senders} foreign sender domains and ${recipients} recipient domains within an hour`;
  const held = status(450, "4.7.1", words, "policy/network");
  return { action: "defer", check: NAME, status: held, evidence: facts };
}
