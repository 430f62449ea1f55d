/**
 * May this host send for the domain of the reverse-path (RFC 7208)? Asked only of mail that its author's domain does not vouch
 * for: forwards fail SPF every day. A soft failure is a mark at most, for so its domain wants it.
 */
import { status } from "../../mail/index.ts";
import {
  isVouchedFor,
  leniencyOf,
  marked,
  passed,
  refusal,
  unsaid,
  type Leniency,
  type OriginActions,
  type OriginSubject,
} from "./origin.ts";
import type { Check, Verdict } from "./verdict.ts";

export type SpfFacts = Leniency & {
  readonly spf?: string;
  readonly spfDomain?: string;
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
        vouchedFor: isVouchedFor(origin, actions),
        ...leniencyOf(subject),
      };
    },
    judge: (facts) => judge(facts, actions),
  };
}

function judge(facts: SpfFacts, actions: OriginActions): Verdict {
  const { spf: action } = actions;
  if (action === "ignore" || facts.vouchedFor === true) return passed(NAME, facts);
  switch (facts.spf) {
    case "temperror":
      return unsaid(actions, NAME, UNKNOWN, facts);
    case "softfail":
      return marked(NAME, "spf=softfail", facts);
    case "fail":
      return action === "refuse"
        ? refusal(NAME, refused(facts), "spf=fail", facts)
        : marked(NAME, "spf=fail", facts);
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

function refused({ spfDomain = "" }: SpfFacts) {
  return status(550, "5.7.23", `SPF: ${spfDomain} says that this host may not send for it`, SOURCE);
}
