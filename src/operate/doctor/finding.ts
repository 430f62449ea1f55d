/** What the DNS says about one set of records, beside what it should say. */

import type { FailureReason } from "../../protocol/dns/index.ts";

/**
 * `left out`: not there, and need not be. `unknown`: the DNS did not answer, or what it says cannot be judged from here;
 * never taken for either of the others.
 */
export type Verdict = "right" | "missing" | "wrong" | "unknown" | "left out";

export interface Judgement {
  readonly verdict: Verdict;
  /** Why, or what is remarkable; absent where there is nothing to say. */
  readonly why?: string;
}

export interface Finding extends Judgement {
  /** "example.org. MX", "example.org. TXT (spf)". */
  readonly subject: string;
  /** As a zone file would have them. */
  readonly wanted: readonly string[];
  readonly found: readonly string[];
}

/** Something has to be done. */
export function needsMending(findings: readonly Judgement[]): boolean {
  return findings.some(({ verdict }) => verdict === "missing" || verdict === "wrong");
}

export const RIGHT: Judgement = { verdict: "right" };

export function right(why: string): Judgement {
  return { verdict: "right", why };
}

export function wrong(why: string): Judgement {
  return { verdict: "wrong", why };
}

export function unknown(why: string): Judgement {
  return { verdict: "unknown", why };
}

export function failureText(why: FailureReason): string {
  return `the DNS did not answer (${why})`;
}
