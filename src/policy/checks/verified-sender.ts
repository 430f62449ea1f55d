/**
 * Is the reverse-path known to be of the domain that it names, so that a report may be written to it? SPF says it of that very domain
 * (RFC 7208 §2.6.3). DMARC is about the author, so its pass counts only for a sender of the author's own organization. Whatever the DNS
 * did not say is no pass, and the null path is nobody's.
 */
import type { ReversePath } from "../../mail/index.ts";

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
