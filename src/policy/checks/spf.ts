/**
 * May this host send for the domain of the reverse-path (RFC 7208)? Asked only of mail that its author's domain does not vouch
 * for: forwards fail SPF every day. A soft failure is a mark at most, for so its domain wants it.
 */
import { status } from "../../mail/index.ts";
import {
  failureSetting,
  isVouchedFor,
  leniencyIn,
  leniencyOf,
  marked,
  passed,
  refusal,
  unsaid,
  VOUCHED,
  vouchingFacts,
  type Leniency,
  type OriginActions,
  type OriginSubject,
  type VouchingFacts,
} from "./origin.ts";
import type { Check, Verdict } from "./verdict.ts";

export type SpfFacts = VouchingFacts &
  Leniency & {
    readonly spf?: string;
    readonly spfDomain?: string;
  };

/** As the journal shows it. */
type SpfEvidence = Pick<SpfFacts, "spf" | "spfDomain"> &
  Leniency & {
    /** The author's domain vouches for the message, or a sealer that is believed. */
    readonly vouchedFor?: boolean;
  };

const NAME = "spf";

export function spfCheck(actions: OriginActions): Check<OriginSubject, SpfFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const { origin } = subject;
      if (origin === undefined) return {};
      const { spf, spfDomain } = origin;
      return {
        spf,
        spfDomain,
        ...(isAgainst(spf) && vouchingFacts(origin)),
        ...leniencyOf(subject),
      };
    },
    judge: (facts) => judge(evidenceOf(facts, actions), actions),
    otherwise: ({ spfDomain = "", spf }) => [
      spf === "temperror"
        ? `an answer of the DNS to what the SPF record of ${spfDomain} names`
        : `an SPF record of ${spfDomain} that names this host`,
      ...VOUCHED,
    ],
  };
}

/** Then it matters whether somebody vouches for the author. */
function isAgainst(spf: string): boolean {
  return spf === "temperror" || spf === "softfail" || spf === "fail";
}

function evidenceOf(facts: SpfFacts, actions: OriginActions): SpfEvidence {
  const { spf, spfDomain } = facts;
  if (spf === undefined) return {};
  return {
    spf,
    ...(spfDomain !== undefined && { spfDomain }),
    ...(isAgainst(spf) && { vouchedFor: isVouchedFor(facts, actions) }),
    ...leniencyIn(facts),
  };
}

function judge(facts: SpfEvidence, actions: OriginActions): Verdict {
  const { spf: action } = actions;
  const failure = failureSetting(NAME, actions);
  if (action === "ignore" || facts.vouchedFor === true) return passed(NAME, facts);
  switch (facts.spf) {
    case "temperror":
      return unsaid(actions, NAME, UNKNOWN, facts);
    case "softfail":
      return marked(NAME, "spf=softfail", facts, failure);
    case "fail":
      return action === "refuse"
        ? refusal(NAME, refused(facts), "spf=fail", facts, failure)
        : marked(NAME, "spf=fail", facts, failure);
    default:
      return passed(NAME, facts);
  }
}

const SOURCE = "policy/spf";
const UNKNOWN = status(
  451,
  "4.7.24",
  "the DNS does not say whether this host may send for the sender's domain, try again later",
  SOURCE,
);

function refused({ spfDomain = "" }: SpfEvidence) {
  return status(550, "5.7.23", `SPF: ${spfDomain} says that this host may not send for it`, SOURCE);
}
