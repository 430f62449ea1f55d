/**
 * Is the reverse-path known to be of the domain that it names, so that a report may be written to it? SPF says it of that very domain
 * (RFC 7208 §2.6.3). DMARC is about the author, so its pass counts only for a sender of the author's own organization. Whatever the DNS
 * did not say is no pass, and the null path is nobody's. Who is to be written to later must be shown again from what the queue has kept:
 * `verifiedSender` is the only maker of the value without which no report leaves for a stranger.
 */
import {
  parseAddress,
  type Address,
  type GrantBasis,
  type ReversePath,
  type SenderEvidence,
} from "../../mail/index.ts";

declare const shown: unique symbol;

/** Somebody elsewhere whose address is known to be his own. Its brand is private to this file. */
export interface VerifiedSender {
  readonly address: Address;
  /** By what; a peer answers for the senders of its pairs. */
  readonly by: "spf" | "dmarc" | "peer";
  readonly [shown]: true;
}

/** Of a message, as it waits. */
export interface WaitingSender {
  /** Wire form without brackets; "" is the null path. */
  readonly reversePath: string;
  readonly grant?: { readonly basis: GrantBasis };
  readonly evidence?: SenderEvidence;
}

/** Undefined: nothing that was kept shows it, so he may be forged. */
export function verifiedSender(waiting: WaitingSender): VerifiedSender | undefined {
  const { reversePath, grant, evidence } = waiting;
  const address = parseAddress(evidence?.sender ?? reversePath);
  if (typeof address === "string") return undefined;
  const by = grant?.basis === "peer" ? "peer" : senderProof(address, findingsOf(evidence));
  if (by === "none" || by === "undecided") return undefined;
  return { address, by } as VerifiedSender; // the brand is earned here, and nowhere else
}

/** Only a pass is kept. */
function findingsOf({ spf, dmarc }: Partial<SenderEvidence> = {}): SenderFindings {
  return {
    ...(spf !== undefined && { spf: { result: "pass", domain: spf } }),
    ...(dmarc !== undefined && { dmarc }),
  };
}

/** What was found, in the words of RFC 8601; what was not asked is absent. */
export interface SenderFindings {
  readonly spf?: { readonly result: string; readonly domain: string };
  /** Of a message that passed: organizational domains of its author and of its reverse-path. */
  readonly dmarc?: { readonly author: string; readonly sender: string };
}

export type SenderProof =
  | "spf"
  | "dmarc"
  | "none"
  /** The DNS could not say now. */
  | "undecided";

export function senderProof(reversePath: ReversePath, { spf, dmarc }: SenderFindings): SenderProof {
  if (reversePath?.host.kind !== "domain") return "none";
  const { domain } = reversePath.host;
  if (spf?.result === "pass" && spf.domain === domain) return "spf";
  if (dmarc !== undefined && dmarc.author === dmarc.sender && isWithin(domain, dmarc.author))
    return "dmarc";
  return spf?.result === "temperror" ? "undecided" : "none";
}

function isWithin(domain: string, organization: string): boolean {
  return domain === organization || domain.endsWith(`.${organization}`);
}
