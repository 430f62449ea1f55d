/**
 * Does the author's domain vouch for the message? Where it does not, what that domain asks for is done (RFC 9989 §5.4), unless a
 * sealer that we trust saw it pass. What the DNS did not say is never a pass.
 */
import { status } from "../../mail/index.ts";
import {
  failureSetting,
  leniencyOf,
  marked,
  passed,
  refusal,
  rescuedBy,
  unsaid,
  vouchingFacts,
  type Leniency,
  type OriginActions,
  type OriginSubject,
  type VouchingFacts,
} from "./origin.ts";
import type { Check, Verdict } from "./verdict.ts";

export type DmarcFacts = VouchingFacts &
  Leniency & {
    readonly policy?: "none" | "quarantine" | "reject";
    /** Why no signature was looked at. */
    readonly unread?: string;
  };

/** As the journal shows it. */
type DmarcEvidence = Pick<DmarcFacts, "dmarc" | "author" | "policy" | "unread"> &
  Leniency & {
    /** Believed instead. */
    readonly rescuedBy?: string;
  };

const NAME = "dmarc";

export function dmarcCheck(actions: OriginActions): Check<OriginSubject, DmarcFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const { origin } = subject;
      if (origin === undefined) return {};
      const { policy, unread } = origin;
      return {
        ...vouchingFacts(origin),
        ...(policy !== undefined && { policy }),
        ...(unread !== undefined && { unread }),
        ...leniencyOf(subject),
      };
    },
    judge: (facts) => {
      const evidence = evidenceOf(facts, actions);
      return actions.dmarc === "ignore" ? passed(NAME, evidence) : judge(evidence, actions);
    },
    otherwise: (facts) => otherwise(facts),
  };
}

function evidenceOf(facts: DmarcFacts, actions: OriginActions): DmarcEvidence {
  const { sealers: _, ...told } = facts;
  const believed = rescuedBy(facts, actions);
  return { ...told, ...(believed !== undefined && { rescuedBy: believed }) };
}

/** In whose hands it is: the sender's, his domain's, ours. */
function otherwise({ author, policy, dmarc, unread, sealers = [] }: DmarcFacts): readonly string[] {
  if (dmarc === "temperror") return ["an answer of the DNS about its author's domain"];
  if (author === undefined) return ["one From field with authors of one domain"];
  return [
    `SPF or DKIM that passes for ${author} or a domain of the same organisation`,
    ...(unread === undefined ? [] : [`signatures that could be looked at: ${unread}`]),
    ...(policy === undefined
      ? []
      : [`a DMARC policy of ${author} that asks for less than ${policy}`]),
    ...(sealers.length === 0
      ? []
      : [
          `trust in who sealed it (${sealers.map(({ domain }) => domain).join(", ")}): authentication.trusted_sealers`,
        ]),
  ];
}

function judge(facts: DmarcEvidence, actions: OriginActions): Verdict {
  const { dmarc: action } = actions;
  const failure = failureSetting(NAME, actions);
  const { dmarc = "none", policy = "none", unread } = facts;
  if (facts.rescuedBy !== undefined) return passed(NAME, facts);
  switch (dmarc) {
    case "none":
    case "pass":
      return passed(NAME, facts);
    case "temperror":
      if (facts.policy === "none") return passed(NAME, facts);
      return unsaid(actions, NAME, UNKNOWN, facts);
    case "permerror":
      return action === "honour" && unread !== undefined
        ? refusal(NAME, NO_AUTHOR, "dmarc=permerror", facts, failure)
        : marked(NAME, "dmarc=permerror", facts, failure);
    case "fail": {
      if (policy === "none") return passed(NAME, facts);
      const mark = `dmarc=fail (p=${policy})`;
      return action === "honour" && policy === "reject"
        ? refusal(NAME, rejected(facts), mark, facts, failure)
        : marked(NAME, mark, facts, failure);
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
function rejected({ author = "", unread }: DmarcEvidence) {
  const why = unread === undefined ? "" : `; no signature was looked at, because ${unread}`;
  return status(
    550,
    "5.7.26",
    `DMARC: neither SPF nor DKIM show that this is from ${author}, which asks for refusal${why}`,
    SOURCE,
  );
}
