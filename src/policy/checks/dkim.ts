/** Does one of its signatures hold (RFC 6376)? A message without any has nothing that could be broken. RFC 7372 §3.1 has the codes. */
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

export type DkimFacts = VouchingFacts &
  Leniency & {
    /** Of each signature, with commas between. */
    readonly dkim?: string;
  };

/** As the journal shows it. */
type DkimEvidence = Pick<DkimFacts, "dkim"> & Leniency & { readonly vouchedFor?: boolean };

const NAME = "dkim";

export function dkimCheck(actions: OriginActions): Check<OriginSubject, DkimFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const { origin } = subject;
      if (origin === undefined) return {};
      return {
        dkim: origin.dkim.join(),
        ...(!holds(origin.dkim) && vouchingFacts(origin)),
        ...leniencyOf(subject),
      };
    },
    judge: (facts) => judge(evidenceOf(facts, actions), actions),
    otherwise: ({ dkim }) => [`a signature that holds; what came: ${dkim}`, ...VOUCHED],
  };
}

/** Where none is broken nobody has to vouch for anything. */
function holds(results: readonly string[]): boolean {
  return results.some((result) => result === "pass" || result === "none");
}

function evidenceOf(facts: DkimFacts, actions: OriginActions): DkimEvidence {
  const { dkim } = facts;
  if (dkim === undefined) return {};
  return {
    dkim,
    ...(!holds(dkim.split(",")) && { vouchedFor: isVouchedFor(facts, actions) }),
    ...leniencyIn(facts),
  };
}

function judge(facts: DkimEvidence, actions: OriginActions): Verdict {
  const { dkim: action } = actions;
  const failure = failureSetting(NAME, actions);
  const results = facts.dkim?.split(",") ?? ["none"];
  if (action === "ignore" || facts.vouchedFor === true || holds(results))
    return passed(NAME, facts);
  if (results.includes("temperror")) return unsaid(actions, NAME, UNKNOWN, facts);
  const mark = `dkim=${results[0]}`;
  if (action === "mark") return marked(NAME, mark, facts, failure);
  // A key that is too short or an algorithm that is too old is another matter than a signature that is wrong.
  const answer = results.includes("policy") ? NOT_ACCEPTABLE : NONE_HOLDS;
  return refusal(NAME, answer, mark, facts, failure);
}

const SOURCE = "policy/dkim";
const NONE_HOLDS = status(550, "5.7.20", "DKIM: no signature of this message holds", SOURCE);
const NOT_ACCEPTABLE = status(
  550,
  "5.7.21",
  "DKIM: no signature of this message is acceptable",
  SOURCE,
);
const UNKNOWN = status(
  451,
  "4.4.3",
  "the DNS does not say whether a signature of this message holds, try again later",
  SOURCE,
);
