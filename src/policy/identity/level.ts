/** How well it is known who speaks, from all that was found out: the best of it counts. */
import type { IdentityLevel } from "../../mail/index.ts";
import type { Caller } from "./caller.ts";

export interface IdentityEvidence {
  /** By the certificate of the connection. */
  readonly caller?: Caller;
  /** Results of RFC 9989 and of RFC 8601 §3, in their words. Only "pass" is worth anything. */
  readonly dmarc?: string;
  readonly iprev?: string;
}

export function levelOf({ caller, dmarc, iprev }: IdentityEvidence): IdentityLevel {
  if (caller?.kind === "peer") return caller.level;
  if (caller?.kind === "named") return "certificate";
  if (dmarc === "pass") return "aligned";
  return iprev === "pass" ? "forward-confirmed" : "none";
}
