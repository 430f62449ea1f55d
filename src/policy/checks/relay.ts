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
  /** Of an alias abroad: it leads to mailboxes here as well. */
  readonly here?: true;
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
      ...(route.recipient === "alias abroad" &&
        route.mailboxes.length > 0 && { here: true as const }),
      ...unknown,
      ...(client.login !== undefined && { login: client.login }),
      ...(client.network !== undefined && { network: client.network }),
      ...(client.peer !== undefined && { peer: client.peer.name }),
    }),
    judge: (facts) => judge(facts, decision),
    otherwise: ({ recipient }) => WAYS[recipient],
  };
}

/** No setting changes the table; what would, by kind of recipient. */
const WAYS: Readonly<Record<RecipientClass, readonly string[]>> = {
  mailbox: [],
  alias: [],
  "alias abroad": [],
  "gateway recipient": [],
  "forward's return": [],
  role: [],
  "report address": [],
  "catch-all": [],
  "stale return": ["a report that comes back while the return address is valid"],
  "forged return": ["the return address as this server wrote it"],
  "disabled mailbox": ["a mailbox that is enabled: gatepost mailbox set ADDRESS --enable"],
  "unknown mailbox": [
    "a mailbox or an alias of that name: gatepost mailbox add, gatepost alias add",
  ],
  "unknown mailbox, to be reported": [],
  "unknown mailbox, sender undecided": [
    "a mailbox or an alias of that name: gatepost mailbox add, gatepost alias add",
    "an answer of the DNS about the sender's domain",
  ],
  "role without mailbox": ["a mailbox behind the setting postmaster"],
  "foreign domain": [
    "a login of the client, on a port for submission",
    "a domain that is served here: gatepost domain add, or relay.domains",
    "trust in the client: a peer for this pair of domains (gatepost peer add), or relay.networks",
  ],
  "address literal": ["an address of a domain"],
  "routing characters": ["a local part without % ! @ and the like"],
  "source route": ["an address without a source route"],
};

function judge(facts: RelayFacts, decision: typeof decide): Verdict {
  const decided = decision(facts.client, facts.recipient);
  if (decided.kind !== "refuse") return { action: "continue", check: NAME, evidence: facts };
  const action = isTransient(decided.status) ? "defer" : "refuse";
  return { action, check: NAME, status: decided.status, evidence: facts };
}
