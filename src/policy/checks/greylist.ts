/**
 * Has anybody in this network shown that it tries again? A mail server does (RFC 5321 §4.5.4.1), much that sends nothing but spam does
 * not. A network that has is remembered and never asked again. Asked of strangers of low identity alone; not about
 * postmaster and abuse, who have to be reached (RFC 5321 §4.5.1), nor of the null path: others ask by it whether a sender of ours is there.
 */
import {
  formatHost,
  isAtLeast,
  journalKey,
  siteNetwork,
  status,
  type ForwardPath,
  type IdentityLevel,
  type Status,
} from "../../mail/index.ts";
import { isRole } from "../routing/index.ts";
import { clientClass, isStranger } from "./client.ts";
import { decide } from "./decision-table.ts";
import { isEvidence, type RecipientSubject } from "./recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

/** What has to be tried twice: by some server of this network, for somebody of this domain, to this recipient. */
export interface GreylistAttempt {
  readonly network: string;
  /** The host of the reverse-path: its local part may be another one each time. */
  readonly sender: string;
  /** A journal key. */
  readonly recipient: string;
}

/** Who remembers; handed in. Throws when it cannot be known. */
export interface Greylist {
  /** Whoever is known so well, or better, is not asked. */
  readonly below: IdentityLevel;
  /** From the first attempt on. */
  readonly delayMs: number;
  /** It has passed, and not so long ago that it is forgotten. */
  hasPassed(network: string): boolean;
  /** Milliseconds since its first attempt, 0 where this is the first; at `delayMs` and beyond its network has passed. */
  attempt(attempt: GreylistAttempt): number;
}

/** Empty of whom is not asked. */
export type GreylistFacts = {
  readonly network?: string;
  /** It has passed before. */
  readonly known?: true;
  readonly level?: IdentityLevel;
  /** Since the first attempt; absent of whoever was spared. */
  readonly waitedMs?: number;
};

/** As the journal shows it. */
type GreylistEvidence = {
  readonly greylist?: "known" | "exempt" | "waited" | "early";
  readonly network?: string;
  readonly level?: IdentityLevel;
  readonly secondsLeft?: number;
};

const NAME = "greylist";
const SECOND_MS = 1000;

/** Placed last: whoever is refused for good hears it at once. */
export function greylistCheck(greylist: Greylist): Check<RecipientSubject, GreylistFacts> {
  return {
    name: NAME,
    gather: (subject) => gather(subject, greylist),
    judge: (facts) => judge(facts, greylist),
    suffices: (facts) => !isAsked(facts, greylist) || facts.waitedMs !== undefined,
    otherwise: ({ network }) => [
      `the same attempt again, when the time is over: a mail server does that by itself`,
      `a network that has passed before; nobody of ${network} has yet`,
      `a client that is known better: ${greylist.below}`,
    ],
  };
}

function gather(
  subject: RecipientSubject,
  greylist: Greylist,
): GreylistFacts | Promise<GreylistFacts> {
  const attempt = attemptOf(subject);
  if (attempt === undefined) return {};
  const { network } = attempt;
  if (greylist.hasPassed(network)) return { network, known: true };
  const judged = (level: IdentityLevel): GreylistFacts => {
    const facts = { network, level };
    if (!isAsked(facts, greylist)) return facts;
    return { ...facts, waitedMs: greylist.attempt(attempt) };
  };
  const level = subject.level?.() ?? "none";
  return level instanceof Promise ? level.then(judged) : judged(level);
}

/** Undefined where nobody has to wait, or would wait for nothing. */
function attemptOf({
  client,
  reversePath,
  forwardPath,
  route,
}: RecipientSubject): GreylistAttempt | undefined {
  if (!isStranger(client) || reversePath === null || isRole(forwardPath)) return undefined;
  if (isEvidence({ route })) return undefined;
  if (decide(clientClass(client), route.recipient).kind === "refuse") return undefined;
  return {
    network: siteNetwork(client.ip),
    sender: formatHost(reversePath.host),
    recipient: recipientKey(forwardPath),
  };
}

function recipientKey(path: ForwardPath): string {
  return path === "postmaster" ? path : journalKey(path);
}

function isAsked({ network, known, level = "none" }: GreylistFacts, { below }: Greylist): boolean {
  return network !== undefined && known !== true && !isAtLeast(level, below);
}

function judge(facts: GreylistFacts, greylist: Greylist): Verdict {
  const evidence = evidenceOf(facts, greylist);
  const { network = "", secondsLeft } = evidence;
  if (secondsLeft === undefined) return { action: "continue", check: NAME, evidence };
  return {
    action: "defer",
    check: NAME,
    status: comeAgain(network, secondsLeft),
    evidence,
    setting: { key: "greylist.below", value: greylist.below },
  };
}

function evidenceOf(facts: GreylistFacts, greylist: Greylist): GreylistEvidence {
  const { network, known, level = "none", waitedMs = 0 } = facts;
  if (network === undefined) return {};
  if (known === true) return { greylist: "known", network };
  if (!isAsked(facts, greylist)) return { greylist: "exempt", network, level };
  const left = greylist.delayMs - waitedMs;
  return left > 0
    ? { greylist: "early", network, level, secondsLeft: Math.ceil(left / SECOND_MS) }
    : { greylist: "waited", network, level };
}

function comeAgain(network: string, seconds: number): Status {
  const words =
    `greylisted: no mail server of your network ${network} is known here yet; ` +
    `send this again in ${waitText(seconds)}, and from then on nothing from there has to wait`;
  return status(450, "4.7.1", words, "policy/greylist");
}

/** No second too early. */
function waitText(seconds: number): string {
  if (seconds === 1) return "1 second";
  return seconds <= 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
