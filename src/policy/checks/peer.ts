/**
 * What a peer may relay: mail from one domain to another, as the operator has paired them, and nothing beside. A peer is trusted with
 * what its own users say, so the reverse-path counts here; the null one is nobody's, and belongs to no pair.
 */
import { status, type Domain, type Peer, type ReversePath } from "../../mail/index.ts";
import { clientClass } from "./client.ts";
import type { decide } from "./decision-table.ts";
import type { RecipientSubject } from "./recipient.ts";
import type { Check, Evidence, Verdict } from "./verdict.ts";

/** Empty where no peer relays. */
export type PeerFacts = Evidence & {
  readonly peer?: string;
  /** The two domains, as they are paired or not. */
  readonly pair?: string;
  readonly paired?: boolean;
};

const NAME = "peer";

/** Exactly these two domains are a pair of the peer's. */
export function hasPair(
  peer: Peer | undefined,
  reversePath: ReversePath,
  recipient: Domain,
): boolean {
  const sender = domainOf(reversePath);
  const relays = peer?.relays ?? [];
  return relays.some((pair) => pair.sender === sender && pair.recipient === recipient);
}

export function peerCheck(decision: typeof decide): Check<RecipientSubject, PeerFacts> {
  return {
    name: NAME,
    gather: (subject) => gather(subject, decision),
    judge,
    otherwise: ({ peer, pair }) => [
      `the pair ${pair} of the peer ${peer}: gatepost peer change --relay`,
    ],
  };
}

function gather(
  { client, reversePath, route }: RecipientSubject,
  decision: typeof decide,
): PeerFacts {
  const { peer } = client;
  const decided = decision(clientClass(client), route.recipient);
  if (peer === undefined || decided.kind !== "relay" || decided.basis !== "peer") return {};
  const recipients = route.abroad.map(({ domain }) => domain);
  return {
    peer: peer.name,
    pair: `${domainOf(reversePath) ?? "<>"}:${recipients.join(",")}`,
    paired: recipients.every((recipient) => hasPair(peer, reversePath, recipient)),
  };
}

function judge(facts: PeerFacts): Verdict {
  const { peer, paired = true } = facts;
  if (paired) return { action: "continue", check: NAME, evidence: facts };
  const text = `relaying denied: peer ${peer} may not send from this domain to that one`;
  return {
    action: "refuse",
    check: NAME,
    status: status(550, "5.7.1", text, "policy/peer"),
    evidence: facts,
  };
}

function domainOf(path: ReversePath): Domain | undefined {
  return path === null || path.host.kind === "literal" ? undefined : path.host.domain;
}
