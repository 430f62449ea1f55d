/** Which checks are asked when, in the order in which they judge. */
import type { Route } from "../routing/index.ts";
import type { Client } from "./client.ts";
import type { decide } from "./decision-table.ts";
import { gatewayCheck, type VerifyRecipient } from "./gateway.ts";
import { grantsFor, type GrantedAddress } from "./grants.ts";
import { hopsCheck, type HopFacts } from "./hops.ts";
import { quotaCheck } from "./quota.ts";
import type { RecipientSubject } from "./recipient.ts";
import { relayCheck } from "./relay.ts";
import { returnCheck, returnSizeCheck, type ReturnSizeFacts } from "./return.ts";
import { stage, type Stage } from "./verdict.ts";

export interface MessageSubject extends HopFacts, ReturnSizeFacts {}

export interface Stages {
  readonly recipient: Stage<RecipientSubject>;
  readonly message: Stage<MessageSubject>;
  /** The rights to leave of a recipient that the stage let pass. */
  readonly grants: (client: Client, route: Route) => readonly GrantedAddress[];
}

export interface StagesDeps {
  /** Absent: there are no gateway domains. */
  readonly verifyRecipient?: VerifyRecipient;
  /** The table to go by; the proof's own tests hand in broken ones. */
  readonly decision?: typeof decide;
}

export function stages({ verifyRecipient = nobody, decision }: StagesDeps = {}): Stages {
  return {
    recipient: stage([
      relayCheck(decision),
      returnCheck,
      quotaCheck,
      gatewayCheck(verifyRecipient),
    ]),
    message: stage<MessageSubject>([hopsCheck, returnSizeCheck]),
    grants: (client, route) => grantsFor(client, route, decision),
  };
}

/** Without a host to ask, nobody is known. */
const nobody: VerifyRecipient = () => "unknown";
