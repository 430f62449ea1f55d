/**
 * Does the inner host of a gateway domain know this recipient? Asked in the session, so that whoever is unknown there is
 * refused here, and nobody has to report it to a sender that may be forged.
 */
import { isTransient, status, type Address, type Status } from "../../mail/index.ts";
import type { RecipientSubject } from "./recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

/** What the inner host says about a recipient. */
export type Known = "known" | "unknown" | { readonly undecided: Status };

export type VerifyRecipient = (address: Address) => Known | Promise<Known>;

/** Empty of everybody else's recipients. */
export type GatewayFacts = {
  readonly gateway?: "known" | "unknown" | "undecided";
  readonly code?: number;
  readonly enhanced?: string;
  readonly text?: string;
};

const NAME = "gateway";

export function gatewayCheck(verify: VerifyRecipient): Check<RecipientSubject, GatewayFacts> {
  return {
    name: NAME,
    gather: ({ forwardPath, route }) => {
      if (route.recipient !== "gateway recipient" || forwardPath === "postmaster") return {};
      const known = verify(forwardPath);
      return known instanceof Promise ? known.then(factsOf) : factsOf(known);
    },
    judge,
    otherwise: ({ gateway }) => [
      gateway === "unknown"
        ? "a recipient that the host behind us knows; what it said is remembered for relay.unknown_seconds"
        : "an answer of the host behind us that says yes or no",
    ],
  };
}

function factsOf(known: Known): GatewayFacts {
  if (typeof known === "string") return { gateway: known };
  const { code, enhanced, text } = known.undecided;
  return { gateway: "undecided", code, enhanced, text };
}

function judge(facts: GatewayFacts): Verdict {
  const { gateway = "known" } = facts;
  switch (gateway) {
    case "known":
      return { action: "continue", check: NAME, evidence: facts };
    case "unknown":
      return { action: "refuse", check: NAME, status: UNKNOWN, evidence: facts };
    case "undecided":
      return { action: "defer", check: NAME, status: undecided(facts), evidence: facts };
  }
}

/** The inner host has said that there is no such recipient. */
export function isUnknownThere({ check, evidence }: Verdict): boolean {
  return check === NAME && evidence["gateway"] === "unknown";
}

/** Whatever it was: what cannot be decided is a deferral. */
function undecided({ code = 451, enhanced = "4.4.1", text }: GatewayFacts): Status {
  const said = status(code, enhanced, text ?? "the recipient cannot be verified now", SOURCE);
  return isTransient(said) ? said : status(451, "4.4.1", said.text, SOURCE);
}

const SOURCE = "policy/gateway";
const UNKNOWN = status(550, "5.1.1", "no such mailbox on the server of this domain", SOURCE);
