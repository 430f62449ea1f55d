/** Whether the certificate that a server showed will do, and why: what its connection says of it afterwards. */
import type { CarrierCertificate } from "../../mail/index.ts";
import type { ShownCertificate } from "../../net/index.ts";
import { matchTlsa } from "../../policy/identity/index.ts";
import type { ServerTrust } from "./server-demand.ts";

export interface JudgedCertificate extends CarrierCertificate {
  readonly trusted: boolean;
}

export function judgeCertificate(
  trust: ServerTrust,
  { sha256, problem, path }: ShownCertificate,
  now: number,
): JudgedCertificate {
  switch (trust.kind) {
    case "any":
      return { sha256, trusted: true, why: "anybody's would do" };
    case "dane": {
      const { matches, why } = matchTlsa(trust.records, path(), trust.names, now);
      return { sha256, trusted: matches, why: `DANE: ${why}` };
    }
    case "pin": {
      const trusted = sha256 === trust.sha256;
      return {
        sha256,
        trusted,
        why: trusted ? "it is the pinned one" : "it is not the pinned one",
      };
    }
    case "authority":
      return problem === undefined
        ? { sha256, trusted: true, why: "an authority vouches for it" }
        : { sha256, trusted: false, why: problem };
  }
}
