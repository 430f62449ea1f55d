/**
 * What came of TLS with a mail server that a domain's records named, in the words of RFC 8460 §4.3. A route's host is the operator's
 * own affair, and what he requires beyond a domain's policy is no fault of the domain.
 */
import type { Domain, TlsFailure, TlsPolicyType, TlsResult } from "../../mail/index.ts";
import {
  stsPolicyLines,
  tlsaText,
  type Dane,
  type StsPolicy,
} from "../../policy/identity/index.ts";
import type { SmtpClientEnding } from "../../protocol/smtp/index.ts";
import type { CertificateFault } from "./certificate.ts";
import type { StsProblem } from "./sts.ts";

/** Whose policy it is, and which server is looked at. */
export type TlsSubject = Pick<TlsResult, "domain" | "policyType" | "policy" | "policyHosts" | "mx">;

export type TlsVerdict = Pick<TlsResult, "result" | "detail">;

/** DANE comes before MTA-STS, as it does for the demand. */
export function tlsSubject(
  domain: Domain,
  mx: string,
  dane: Dane,
  sts: StsPolicy | undefined,
): TlsSubject {
  const none = { domain, policyType: "no-policy-found", policy: [], policyHosts: [], mx } as const;
  switch (dane.kind) {
    case "verify":
      return {
        ...none,
        policyType: "tlsa",
        policy: dane.records.map(tlsaText),
        policyHosts: [dane.base],
      };
    case "encrypt":
    case "wait":
      return { ...none, policyType: "tlsa" };
    case "none":
      return sts === undefined ? none : { ...none, ...policyOf(sts) };
  }
}

function policyOf(sts: StsPolicy): Pick<TlsSubject, "policyType" | "policy" | "policyHosts"> {
  const policyHosts = sts.servers.map(({ wildcard, name }) => (wildcard ? `*.${name}` : name));
  return { policyType: "sts", policy: stsPolicyLines(sts), policyHosts };
}

export interface SeenTls {
  readonly secured: boolean;
  /** What it was refused for. */
  readonly fault?: { readonly fault: CertificateFault; readonly why: string };
  /** What a policy that is only tested holds against it. */
  readonly tested?: { readonly fault: CertificateFault | "server"; readonly why: string };
}

const FAULTS: Readonly<Record<CertificateFault | "server", TlsFailure>> = {
  name: "certificate-host-mismatch",
  expired: "certificate-expired",
  authority: "certificate-not-trusted",
  tlsa: "validation-failure",
  server: "validation-failure",
};

/** Of a new connection, when it has been talked over or has ended, which `ending` says; undefined where it did not come to TLS. */
export function tlsVerdict(
  policyType: TlsPolicyType,
  { secured, fault, tested }: SeenTls,
  ending: SmtpClientEnding | undefined,
): TlsVerdict | undefined {
  if (fault !== undefined)
    return policyType === "no-policy-found" ? undefined : failed(FAULTS[fault.fault], fault.why);
  if (secured)
    return tested === undefined ? { result: "success" } : failed(FAULTS[tested.fault], tested.why);
  if (ending === undefined || ending === "TLS required")
    return failed("starttls-not-supported", "STARTTLS is not offered, or refused");
  return ending === "handshake failed" || ending === "plaintext after STARTTLS"
    ? failed("validation-failure", "the handshake failed")
    : undefined;
}

export function failed(result: TlsFailure, detail: string): TlsVerdict {
  return { result, detail };
}

const MISSED = {
  fetch: "sts-policy-fetch-error",
  invalid: "sts-policy-invalid",
  certificate: "sts-webpki-invalid",
} as const;

/** An MTA-STS policy that is announced and could not be had. `at`: milliseconds since 1970. */
export function missedPolicy(domain: Domain, { kind, why }: StsProblem, at: number): TlsResult {
  const nobody = { policy: [], policyHosts: [], mx: "", ip: "" };
  return { at, domain, policyType: "sts", ...nobody, result: MISSED[kind], detail: why };
}
