/**
 * Which policy of a domain counts now: the one that is remembered, a new one, or none (RFC 8461 §3.3, §5.1). One that is remembered
 * holds until its time is over, whatever the DNS and the web say meanwhile: to take the record away or to block the web server
 * is what an attacker would do. Fetching and remembering are others' work; here are the words for them.
 */
import type { Resolution } from "../../protocol/dns/index.ts";
import type { StsPolicy } from "./mta-sts.ts";
import { stsIdOf } from "./mta-sts-record.ts";

export interface RememberedSts {
  readonly id: string;
  readonly policy: StsPolicy;
  /** Milliseconds since 1970. */
  readonly fetchedAt: number;
}

export interface StsMemory {
  readonly remembered?: RememberedSts;
  /** When fetching failed last, milliseconds since 1970. */
  readonly failedAt?: number;
}

export type StsDecision =
  | { readonly kind: "none"; readonly why: string }
  /** `refresh`: it is worth fetching again beside the delivery, before it is over. */
  | { readonly kind: "apply"; readonly policy: StsPolicy; readonly refresh: boolean }
  /** Fetch it under this id; when that fails, `otherwise` counts, or nothing. */
  | { readonly kind: "fetch"; readonly id: string; readonly otherwise?: StsPolicy };

/** RFC 8461 §3.3: after a failure a server is left alone for this long. */
export const STS_RETRY_MS = 5 * 60_000;

/** A policy that is remembered is fetched again once a day (RFC 8461 §10.2), or in the second half of a shorter life. */
export const STS_REFRESH_MS = 86_400_000;

const SECOND = 1000;

export function decideSts(memory: StsMemory, record: Resolution<"TXT">, now: number): StsDecision {
  const { remembered, failedAt } = memory;
  const fresh = remembered !== undefined && isFresh(remembered, now) ? remembered : undefined;
  const id = record.kind === "found" ? stsIdOf(record.records) : undefined;
  const mayFetch = failedAt === undefined || now - failedAt >= STS_RETRY_MS;
  if (id !== undefined && id !== fresh?.id && mayFetch)
    return { kind: "fetch", id, ...(fresh !== undefined && { otherwise: fresh.policy }) };
  if (fresh !== undefined) {
    const refresh = id !== undefined && mayFetch && isOld(fresh, now);
    return { kind: "apply", policy: fresh.policy, refresh };
  }
  return { kind: "none", why: whyNone(record, id) };
}

function isFresh({ policy, fetchedAt }: RememberedSts, now: number): boolean {
  return now < fetchedAt + policy.maxAge * SECOND;
}

function isOld({ policy, fetchedAt }: RememberedSts, now: number): boolean {
  const half = (policy.maxAge * SECOND) / 2;
  return now >= fetchedAt + Math.min(half, STS_REFRESH_MS);
}

function whyNone(record: Resolution<"TXT">, id: string | undefined): string {
  if (record.kind === "failed") return `no answer about an MTA-STS policy: ${record.why}`;
  return id === undefined
    ? "no MTA-STS policy"
    : "the MTA-STS policy could not be had a short while ago";
}
