/** The check this server exists for: may this client send to this recipient? RFC 5321 §3.6.2, BCP 30 §2.1. */
import { isTransient } from "../../mail/index.ts";
import type { RecipientClass } from "../routing/index.ts";
import { clientClass, type ClientClass } from "./client.ts";
import { decide, NO_SUCH_MAILBOX, type Decision } from "./decision-table.ts";
import type { RecipientSubject } from "./recipient.ts";
import { testTokenFacts, type KnowsToken, type TestTokenFacts } from "./test-token.ts";
import type { UnknownFacts } from "./unknown-recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

export type RelayFacts = UnknownFacts &
  TestTokenFacts & {
    readonly client: ClientClass;
    readonly recipient: RecipientClass;
    /** Of an alias abroad: it leads to mailboxes here as well. */
    readonly here?: true;
    readonly login?: string;
    readonly network?: string;
    readonly peer?: string;
  };

const NAME = "relay";

export function relayCheck(
  decision: typeof decide = decide,
  knowsToken: KnowsToken = noTest,
): Check<RecipientSubject, RelayFacts> {
  return {
    name: NAME,
    gather: (subject) => {
      const asked = testTokenFacts(subject.route, knowsToken);
      return asked instanceof Promise
        ? asked.then((test) => factsOf(subject, test))
        : factsOf(subject, asked);
    },
    judge: (facts) => judge(facts, decision),
    otherwise: ({ recipient }) => WAYS[recipient],
  };
}

const noTest: KnowsToken = () => false;

function factsOf({ client, route, unknown }: RecipientSubject, test: TestTokenFacts): RelayFacts {
  return {
    client: clientClass(client),
    recipient: route.recipient,
    ...(route.recipient === "alias abroad" &&
      route.mailboxes.length > 0 && { here: true as const }),
    ...unknown,
    ...test,
    ...(client.login !== undefined && { login: client.login }),
    ...(client.network !== undefined && { network: client.network }),
    ...(client.peer !== undefined && { peer: client.peer.name }),
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
  "relay test's return": ["a token that a relay test of the last 5 days has sent"],
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
  const decided = awaited(decision(facts.client, facts.recipient), facts);
  if (decided.kind !== "refuse") return { action: "continue", check: NAME, evidence: facts };
  const action = isTransient(decided.status) ? "defer" : "refuse";
  return { action, check: NAME, status: decided.status, evidence: facts };
}

/** Evidence is kept of what a test awaits; who guesses hears what he would hear of any name that is not here. */
function awaited(decided: Decision, { relayTest }: RelayFacts): Decision {
  return decided.kind === "keep" && relayTest !== "awaited"
    ? { kind: "refuse", status: NO_SUCH_MAILBOX }
    : decided;
}
