/**
 * What came of TLS between two mail servers, in the words of RFC 8460: what others report to us, and what we see when we
 * send. `store.tlsResults.note` counts what we see.
 */
import type { Domain } from "./domain.ts";

/** What the recipient's domain asked for (§4.4, policy-type). */
export const TLS_POLICY_TYPES = ["tlsa", "sts", "no-policy-found"] as const;
export type TlsPolicyType = (typeof TLS_POLICY_TYPES)[number];

/** What failed (§4.3, result-type). */
export const TLS_FAILURES = [
  "starttls-not-supported",
  "certificate-host-mismatch",
  "certificate-expired",
  "certificate-not-trusted",
  "validation-failure",
  "tlsa-invalid",
  "dnssec-invalid",
  "dane-required",
  "sts-policy-fetch-error",
  "sts-policy-invalid",
  "sts-webpki-invalid",
] as const;
export type TlsFailure = (typeof TLS_FAILURES)[number];

export const TLS_RESULTS = ["success", ...TLS_FAILURES] as const;

/** One attempt of ours to have TLS with a server of another domain. */
export interface TlsResult {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whose policy it was: the recipient's domain. */
  readonly domain: Domain;
  readonly policyType: TlsPolicyType;
  /** The TLSA records, or the lines of the MTA-STS policy (policy-string); none where there was no policy. */
  readonly policy: readonly string[];
  /** The servers that the policy names (mx-host): an MTA-STS policy's patterns, the base name of TLSA records. */
  readonly policyHosts: readonly string[];
  /** The server's name in the MX record; "" where it did not come to one (a policy that could not be fetched). */
  readonly mx: string;
  /** Its address; "" where it did not come to one. */
  readonly ip: string;
  readonly result: "success" | TlsFailure;
  /** What was wrong, in words that may hold the other server's; cut at 200 characters. */
  readonly detail?: string;
}
