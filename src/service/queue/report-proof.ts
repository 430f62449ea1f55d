/**
 * What shows that the addressee of a report is the sender of what it is about: for the count, and therefore found anew from what the
 * row says was seen, in words of its own. Whoever decided that he may be told is not asked: it is his mistakes that are counted.
 */
import type { Address } from "../../mail/index.ts";
import type { QueueRow, ReportProof } from "../../store/index.ts";

export function reportProof({ login, grant, evidence }: QueueRow, { host }: Address): ReportProof {
  if (login !== undefined) return "login";
  if (grant?.basis === "network" || evidence?.network !== undefined) return "network";
  if (grant?.basis === "peer") return "peer";
  if (host.kind !== "domain" || evidence === undefined) return "none";
  const { spf, dmarc } = evidence;
  if (spf === host.domain) return "spf";
  const isOfAuthor =
    dmarc !== undefined &&
    dmarc.sender === dmarc.author &&
    `.${host.domain}`.endsWith(`.${dmarc.author}`);
  return isOfAuthor ? "dmarc" : "none";
}
