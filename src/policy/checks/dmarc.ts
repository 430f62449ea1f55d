/**
 * Does the author's domain vouch for the message? Where it does not, what that domain asks for is done (RFC 9989 §5.4), unless a
 * sealer that we trust saw it pass. What the DNS did not say is never a pass.
 */
import { status } from "../../mail/index.ts";
import {
  leniencyOf,
  marked,
  passed,
  refusal,
  rescuer,
  unsaid,
  type Leniency,
  type OriginActions,
  type OriginFacts,
  type OriginSubject,
} from "./origin.ts";
import type { Check, Verdict } from "./verdict.ts";

export type DmarcFacts = Leniency & {
  readonly dmarc?: OriginFacts["dmarc"];
  readonly author?: string;
  readonly policy?: "none" | "quarantine" | "reject";
  /** Believed instead. */
  readonly rescuedBy?: string;
  /** Why no signature was looked at. */
  readonly unread?: string;
};

const NAME = "dmarc";

export function dmarcCheck(actions: OriginActions): Check<OriginSubject, DmarcFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const { origin } = subject;
      if (origin === undefined) return {};
      const { dmarc, author, policy, sealers, unread } = origin;
      const rescuedBy =
        dmarc === "pass" ? undefined : rescuer(author, sealers, actions.trustedSealers);
      return {
        dmarc,
        ...(author !== undefined && { author }),
        ...(policy !== undefined && { policy }),
        ...(rescuedBy !== undefined && { rescuedBy }),
        ...(unread !== undefined && { unread }),
        ...leniencyOf(subject),
      };
    },
    judge: (facts) => (actions.dmarc === "ignore" ? passed(NAME, facts) : judge(facts, actions)),
  };
}

function judge(facts: DmarcFacts, actions: OriginActions): Verdict {
  const { dmarc: action } = actions;
  const { dmarc = "none", policy = "none", rescuedBy, unread } = facts;
  if (rescuedBy !== undefined) return passed(NAME, facts);
  switch (dmarc) {
    case "none":
    case "pass":
      return passed(NAME, facts);
    case "temperror":
      if (facts.policy === "none") return passed(NAME, facts);
      return unsaid(actions, NAME, UNKNOWN, facts);
    case "permerror":
      return action === "honour" && unread !== undefined
        ? refusal(NAME, NO_AUTHOR, "dmarc=permerror", facts)
        : marked(NAME, "dmarc=permerror", facts);
    case "fail": {
      if (policy === "none") return passed(NAME, facts);
      const mark = `dmarc=fail (p=${policy})`;
      return action === "honour" && policy === "reject"
        ? refusal(NAME, rejected(facts), mark, facts)
        : marked(NAME, mark, facts);
    }
  }
}

const SOURCE = "policy/dmarc";
const UNKNOWN = status(
  451,
  "4.4.3",
  "the DNS does not say whether this is from its author's domain, try again later",
  SOURCE,
);
const NO_AUTHOR = status(
  550,
  "5.7.26",
  "nobody can tell who the author of this message is",
  SOURCE,
);

/** Names the domain and whose wish it is: whoever reads it has to know whom to ask. */
function rejected({ author = "", unread }: DmarcFacts) {
  const why = unread === undefined ? "" : `; no signature was looked at, because ${unread}`;
  return status(
    550,
    "5.7.26",
    `DMARC: neither SPF nor DKIM show that this is from ${author}, which asks for refusal${why}`,
    SOURCE,
  );
}
