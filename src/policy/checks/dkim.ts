/** Does one of its signatures hold (RFC 6376)? A message without any has nothing that could be broken. RFC 7372 §3.1 has the codes. */
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

export type DkimFacts = Leniency & {
  /** Of each signature, with commas between. */
  readonly dkim?: string;
  readonly vouchedFor?: boolean;
};

const NAME = "dkim";

export function dkimCheck(actions: OriginActions): Check<OriginSubject, DkimFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const { origin } = subject;
      if (origin === undefined) return {};
      const vouchedFor = isVouchedFor(origin, actions);
      return { dkim: origin.dkim.join(), vouchedFor, ...leniencyOf(subject) };
    },
    judge: (facts) => judge(facts, actions),
  };
}

function judge(facts: DkimFacts, actions: OriginActions): Verdict {
  const { dkim: action } = actions;
  const results = facts.dkim?.split(",") ?? ["none"];
  const holds = results.some((result) => result === "pass" || result === "none");
  if (action === "ignore" || facts.vouchedFor === true || holds) return passed(NAME, facts);
  if (results.includes("temperror")) return unsaid(actions, NAME, UNKNOWN, facts);
  const mark = `dkim=${results[0]}`;
  if (action === "mark") return marked(NAME, mark, facts);
  // A key that is too short or an algorithm that is too old is another matter than a signature that is wrong.
  return refusal(NAME, results.includes("policy") ? NOT_ACCEPTABLE : NONE_HOLDS, mark, facts);
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
