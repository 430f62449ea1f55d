/** Whether the certificate that a server showed will do, and why: what its connection says of it afterwards. */
import type { CarrierCertificate } from "../../mail/index.ts";
import type { ShownCertificate } from "../../net/index.ts";
import { isFor, matchTlsa, type Tested, type Verification } from "../../policy/identity/index.ts";
import type { CertificateTrust } from "../../policy/routing/index.ts";

/** By a route's word, or by what a domain publishes or somebody requires of it. */
export type ServerTrust = CertificateTrust | Exclude<Verification, { readonly kind: "none" }>;

export interface JudgedCertificate extends CarrierCertificate {
  readonly trusted: boolean;
  /** Of one that is not trusted. */
  readonly fault?: CertificateFault;
}

/** RFC 8460 §4.3 tells these apart. */
export type CertificateFault = "name" | "expired" | "authority" | "tlsa";

interface Judgement {
  readonly trusted: boolean;
  readonly why: string;
  readonly fault?: CertificateFault;
}

export function judgeCertificate(
  trust: ServerTrust,
  shown: ShownCertificate,
  now: number,
): JudgedCertificate {
  return { sha256: shown.sha256, ...judge(trust, shown, now) };
}

function judge(trust: ServerTrust, shown: ShownCertificate, now: number): Judgement {
  switch (trust.kind) {
    case "any":
      return { trusted: true, why: "anybody's would do" };
    case "dane": {
      const { matches, why } = matchTlsa(trust.records, shown.path(), trust.names, now);
      const words = `DANE: ${why}`;
      return matches
        ? { trusted: true, why: words }
        : { trusted: false, why: words, fault: "tlsa" };
    }
    case "pin":
      return shown.sha256 === trust.sha256
        ? { trusted: true, why: "it is the pinned one" }
        : { trusted: false, why: "it is not the pinned one", fault: "authority" };
    case "authority":
      return vouchedFor(shown);
    case "pkix":
      return underAuthority(trust.names, shown);
  }
}

/** An authority vouches for one of the names, of which not all were asked for in the handshake. */
function underAuthority(names: readonly string[], shown: ShownCertificate): Judgement {
  const [own] = shown.path();
  const vouched = shown.problem === undefined || shown.problem.fault === "name";
  if (own === undefined || !vouched) return vouchedFor(shown);
  return isFor(own, names)
    ? { trusted: true, why: "an authority vouches for it" }
    : { trusted: false, why: `it is not for ${names.join(" or ")}`, fault: "name" };
}

function vouchedFor({ problem }: ShownCertificate): Judgement {
  if (problem === undefined) return { trusted: true, why: "an authority vouches for it" };
  const { fault, words } = problem;
  return { trusted: false, why: words, fault: fault === "other" ? "authority" : fault };
}

/** What a policy would have made of it that is only tested (RFC 8461 §5); absent where it would have been good. */
export function testedProblem(tested: Tested, shown: ShownCertificate): JudgedFault | undefined {
  const { trusted, why, fault } = underAuthority(tested.names, shown);
  return trusted || fault === undefined ? undefined : { fault, why };
}

export interface JudgedFault {
  readonly fault: CertificateFault;
  readonly why: string;
}
