/** Has the client's address a name, and that name the address (RFC 8601 §3)? */
import { status } from "../../mail/index.ts";
import {
  failureSetting,
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

export type IprevFacts = Leniency & { readonly iprev?: string };

const NAME = "iprev";

export function iprevCheck(actions: OriginActions): Check<OriginSubject, IprevFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const { origin } = subject;
      return origin === undefined ? {} : { iprev: origin.iprev, ...leniencyOf(subject) };
    },
    judge: (facts) => judge(facts, actions),
    otherwise: () => ["a name of the client's address that leads back to it, in the DNS"],
  };
}

function judge(facts: IprevFacts, actions: OriginActions): Verdict {
  const { iprev: action } = actions;
  const failure = failureSetting(NAME, actions);
  const { iprev = "pass" } = facts;
  if (action === "ignore" || iprev === "pass") return passed(NAME, facts);
  if (iprev === "temperror") return unsaid(actions, NAME, UNKNOWN, facts);
  const mark = `iprev=${iprev}`;
  return action === "refuse"
    ? refusal(NAME, UNNAMED, mark, facts, failure)
    : marked(NAME, mark, facts, failure);
}

const SOURCE = "policy/iprev";
const UNNAMED = status(
  550,
  "5.7.25",
  "your address has no name in the DNS that leads back to it",
  SOURCE,
);
const UNKNOWN = status(
  451,
  "4.7.25",
  "the DNS does not say whether your address has a name, try again later",
  SOURCE,
);
