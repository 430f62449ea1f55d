/** The check this server exists for: may this client send to this recipient? RFC 5321 §3.6.2, BCP 30 §2.1. */
import { isTransient } from "../../mail/index.ts";
import type { RecipientClass } from "../routing/index.ts";
import { clientClass, type ClientClass } from "./client.ts";
import { decide } from "./decision-table.ts";
import type { RecipientSubject } from "./recipient.ts";
import type { UnknownFacts } from "./unknown-recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

export type RelayFacts = UnknownFacts & {
  readonly client: ClientClass;
  readonly recipient: RecipientClass;
  readonly login?: string;
  readonly network?: string;
  readonly peer?: string;
};

const NAME = "relay";

export function relayCheck(decision: typeof decide = decide): Check<RecipientSubject, RelayFacts> {
  return {
    name: NAME,
    gather: ({ client, route, unknown }) => ({
      client: clientClass(client),
      recipient: route.recipient,
      ...unknown,
      ...(client.login !== undefined && { login: client.login }),
      ...(client.network !== undefined && { network: client.network }),
      ...(client.peer !== undefined && { peer: client.peer.name }),
    }),
    judge: (facts) => judge(facts, decision),
  };
}

function judge(facts: RelayFacts, decision: typeof decide): Verdict {
  const decided = decision(facts.client, facts.recipient);
  if (decided.kind !== "refuse") return { action: "continue", check: NAME, evidence: facts };
  const action = isTransient(decided.status) ? "defer" : "refuse";
  return { action, check: NAME, status: decided.status, evidence: facts };
}
