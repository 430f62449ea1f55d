/**
 * What a session has seen of whose the reverse-path of a message is: what policy concludes from it, and what is kept of it with the
 * message, as it was seen.
 */
import { formatAddress, type ReversePath, type SenderEvidence } from "../../mail/index.ts";
import type { SenderFindings, Stages } from "../../policy/checks/index.ts";
import type { Results, SpfFinding } from "../authentication/index.ts";

export interface SeenOfSender {
  readonly reversePath: ReversePath;
  /** At RCPT, where it was asked then: what was taken on the strength of it is not taken back by a later answer. */
  readonly spf: SpfFinding | undefined;
  readonly origin: Results | undefined;
  readonly network?: string | undefined;
}

/** A report may go to the reverse-path. */
export function isVerified(seen: SeenOfSender, proofOf: Stages["proof"]): boolean {
  const proof = proofOf(seen.reversePath, findings(seen));
  return proof === "spf" || proof === "dmarc";
}

/** Undefined where nothing was. */
export function evidenceOf(seen: SeenOfSender): SenderEvidence | undefined {
  const { reversePath, network } = seen;
  const { spf, dmarc } = findings(seen);
  const hasPassed = spf?.result === "pass";
  if (reversePath === null || (!hasPassed && dmarc === undefined && network === undefined))
    return undefined;
  return {
    sender: formatAddress(reversePath),
    ...(network !== undefined && { network }),
    ...(hasPassed && { spf: spf.domain }),
    ...(dmarc !== undefined && { dmarc }),
  };
}

function findings({ spf: early, origin }: SeenOfSender): SenderFindings {
  const late = origin && { result: origin.spf, domain: origin.spfDomain };
  const spf = early?.result === "pass" ? early : (late ?? early);
  const dmarc = origin?.organizations;
  return { ...(spf !== undefined && { spf }), ...(dmarc !== undefined && { dmarc }) };
}
