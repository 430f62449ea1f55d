/** Which checks are asked when, in the order in which they judge. */
import type { decide } from "./decision-table.ts";
import { hopsCheck, type HopFacts } from "./hops.ts";
import { quotaCheck } from "./quota.ts";
import type { RecipientSubject } from "./recipient.ts";
import { relayCheck } from "./relay.ts";
import { stage, type Stage } from "./verdict.ts";

export interface Stages {
  readonly recipient: Stage<RecipientSubject>;
  readonly message: Stage<HopFacts>;
}

/** `decision` is the table to go by; the proof's own tests hand in broken ones. */
export function stages(decision?: typeof decide): Stages {
  return {
    recipient: stage([relayCheck(decision), quotaCheck]),
    message: stage([hopsCheck]),
  };
}
