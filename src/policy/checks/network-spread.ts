/**
 * A trusted address that speaks for many strangers to many places has been broken into, or stands for everybody after all. It is
 * held before its reputation is ours. What is judged is how many domains its senders had that are not ours, times how
 * many domains it sent to: an own newsletter is zero times many, a spam run few times many, an open relay many times many.
 */
import {
  status,
  type Domain,
  type ForwardPath,
  type Ip,
  type ReversePath,
} from "../../mail/index.ts";
import type { RecipientClass } from "../routing/index.ts";
import type { Check, Verdict } from "./verdict.ts";

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
  /** The one that counts now. */
  readonly limit: number;
  ask(question: SpreadQuestion): SpreadFacts;
}

/** A recipient, as far as it matters here. */
export interface SpreadSubject {
  readonly client: { readonly ip: Ip; readonly network?: string; readonly login?: string };
  readonly reversePath: ReversePath;
  readonly forwardPath: ForwardPath;
  readonly route: { readonly recipient: RecipientClass };
}

/** Only what leaves by a trusted network's right is counted; of all else they are empty. */
export type WatchedFacts = Partial<SpreadFacts>;

const NAME = "network spread";

/** Placed behind the relay check; each recipient that it is asked about is counted. */
export function spreadCheck(counts: SpreadCounts): Check<SpreadSubject, WatchedFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const question = questionOf(subject);
      return question === undefined ? {} : counts.ask(question);
    },
    judge,
    // Whether it was held before depends on the limit that counted then.
    suffices: ({ limit }) => limit === undefined || limit === counts.limit,
    otherwise: () => [
      "fewer domains of foreign senders times domains sent to from this address within an hour",
      "a login instead of the trust in the address",
    ],
  };
}

function questionOf({
  client: { ip, network, login },
  reversePath,
  forwardPath,
  route,
}: SpreadSubject): SpreadQuestion | undefined {
  if (network === undefined || login !== undefined) return undefined;
  if (route.recipient !== "foreign domain" || forwardPath === "postmaster") return undefined;
  const { host } = forwardPath;
  return host.kind === "domain" ? { ip, network, reversePath, to: host.domain } : undefined;
}

function judge(facts: WatchedFacts): Verdict {
  const { heldMinutes = 0, senders = 0, recipients = 0, limit = 0 } = facts;
  if (heldMinutes === 0) return { action: "continue", check: NAME, evidence: facts };
  const words =
    `mail from your address is held for ${heldMinutes} more minutes: ` +
    `${senders} foreign sender domains and ${recipients} recipient domains within an hour`;
  const held = status(450, "4.7.1", words, "policy/network");
  const setting = { key: "relay.foreign_spread", value: limit };
  return { action: "defer", check: NAME, status: held, evidence: facts, setting };
}
