/**
 * A forward's return is for the report that comes back: from the null reverse-path, to it alone, and not large (relay
 * catalogue, SRS). Without these limits one address that was once forwarded from would be a way out for anybody.
 */
import { status } from "../../mail/index.ts";
import type { RecipientSubject } from "./recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

/** Empty where no return is concerned. */
export type ReturnFacts = {
  readonly isReturn?: boolean;
  readonly returnBefore?: boolean;
  readonly recipientsBefore?: number;
  readonly nullSender?: boolean;
  readonly declaredOctets?: number;
};

/** Octets of a report that goes back the way a forward came; one with the whole message in it is larger and refused. */
export const RETURN_OCTETS = 1024 * 1024;

const NAME = "return";

export const returnCheck: Check<RecipientSubject, ReturnFacts> = { name: NAME, gather, judge };

function gather(subject: RecipientSubject): ReturnFacts {
  const { returnBefore, recipientsBefore, declaredOctets } = subject;
  const isReturn = subject.route.recipient === "forward's return";
  if (!isReturn && !returnBefore) return {};
  return {
    isReturn,
    nullSender: subject.reversePath === null,
    returnBefore,
    recipientsBefore,
    declaredOctets,
  };
}

function judge(facts: ReturnFacts): Verdict {
  const { isReturn = false, returnBefore = false, nullSender = false } = facts;
  const { recipientsBefore = 0, declaredOctets = 0 } = facts;
  const refuse = (why: (typeof REFUSALS)[keyof typeof REFUSALS]): Verdict => ({
    action: "refuse",
    check: NAME,
    status: why,
    evidence: facts,
  });
  if (returnBefore || (isReturn && recipientsBefore > 0)) return refuse(REFUSALS.notAlone);
  if (!isReturn) return { action: "continue", check: NAME, evidence: {} };
  if (!nullSender) return refuse(REFUSALS.noReport);
  if (declaredOctets > RETURN_OCTETS) return refuse(REFUSALS.tooLarge);
  return { action: "continue", check: NAME, evidence: facts };
}

/** The same for what has come, whatever was declared. */
export type ReturnSizeSubject = { readonly returns: boolean; readonly octets: number };

/** Empty where no return is concerned. */
export type ReturnSizeFacts = Partial<ReturnSizeSubject>;

export const returnSizeCheck: Check<ReturnSizeSubject, ReturnSizeFacts> = {
  name: "return size",
  gather: ({ returns, octets }) => (returns ? { returns, octets } : {}),
  judge: (facts) =>
    facts.returns === true && (facts.octets ?? 0) > RETURN_OCTETS
      ? { action: "refuse", check: "return size", status: REFUSALS.tooLarge, evidence: facts }
      : { action: "continue", check: "return size", evidence: {} },
};

const SOURCE = "policy/return";

const REFUSALS = {
  notAlone: status(
    550,
    "5.7.1",
    "relaying denied: a forward's return address takes a message for itself alone",
    SOURCE,
  ),
  noReport: status(
    550,
    "5.7.1",
    "relaying denied: a forward's return address takes reports from the null sender only",
    SOURCE,
  ),
  tooLarge: status(552, "5.3.4", "a report to a forward's return address is too large", SOURCE),
} as const;
