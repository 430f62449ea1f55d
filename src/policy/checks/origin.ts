/** What was found out about a stranger's message, in policy's own words, and what a failure is answered. */
import { isTransient, type IdentityLevel, type Status } from "../../mail/index.ts";
import type { Evidence, Verdict } from "./verdict.ts";

/** Results in the words of RFC 8601 §2.7. */
export interface OriginFacts {
  readonly spf: string;
  readonly spfDomain: string;
  /** Of each signature; "none" where there is none. */
  readonly dkim: readonly string[];
  readonly dmarc: "none" | "pass" | "fail" | "temperror" | "permerror";
  /** The author's domain, where there is one. */
  readonly author?: string;
  /** What it asks for, of a failure. */
  readonly policy?: "none" | "quarantine" | "reject";
  /** Sets of an ARC chain that is intact, the newest first. */
  readonly sealers: readonly { readonly domain: string; readonly vouchesFor?: string }[];
  readonly iprev: string;
  /** Why its signatures were not looked at. */
  readonly unread?: string;
}

export interface OriginSubject {
  /** Absent: it is nobody's business; one of our own hands it in, or nothing is authenticated here. */
  readonly origin?: OriginFacts;
  /** Only postmaster or abuse is to get it: they are told of trouble, so their mail is never refused for what is wrong with it. */
  readonly rolesOnly?: boolean;
  /** Who brings it; absent: one of our own. */
  readonly identity?: { readonly level: IdentityLevel };
}

export type OriginAction = "mark" | "refuse" | "ignore";

/** What follows from each result; by default as an operator who has said nothing has it. */
export interface OriginActions {
  readonly spf: OriginAction;
  readonly dkim: OriginAction;
  readonly dmarc: "honour" | "mark" | "ignore";
  readonly iprev: OriginAction;
  readonly dnsFailure: "unknown" | "defer";
  /** Domains that are believed when they have sealed what they forward. */
  readonly trustedSealers: readonly string[];
}

export const DEFAULT_ORIGIN_ACTIONS: OriginActions = {
  spf: "mark",
  dkim: "ignore",
  dmarc: "honour",
  iprev: "ignore",
  dnsFailure: "unknown",
  trustedSealers: [],
};

/** Why a message is marked where another one is refused or put off; nothing where it is like any other. */
export type Leniency = {
  readonly rolesOnly?: boolean;
  /** The operator knows who brings it, by a key or a private authority: it may forward for anybody, and its mail does not hang on the DNS. */
  readonly pinned?: boolean;
};

export function leniencyOf({ rolesOnly = false, identity }: OriginSubject): Leniency {
  const pinned = identity?.level === "pinned";
  return { ...(rolesOnly && { rolesOnly }), ...(pinned && { pinned }) };
}

/** A no, where it can be said. */
export function refusal(
  check: string,
  status: Status,
  mark: string,
  evidence: Evidence & Leniency,
): Verdict {
  if (evidence.rolesOnly === true || evidence.pinned === true) return marked(check, mark, evidence);
  return { action: isTransient(status) ? "defer" : "refuse", check, status, evidence };
}

/** What the DNS did not say is put off or marked, as is set: nobody may take it for a pass. */
export function unsaid(
  { dnsFailure }: Pick<OriginActions, "dnsFailure">,
  check: string,
  status: Status,
  evidence: Evidence & Leniency,
): Verdict {
  const mark = `${check}=temperror`;
  return dnsFailure === "defer"
    ? refusal(check, status, mark, evidence)
    : marked(check, mark, evidence);
}

export function marked(check: string, mark: string, evidence: Evidence): Verdict {
  return { action: "mark", check, marks: [mark], evidence };
}

export function passed(check: string, evidence: Evidence): Verdict {
  return { action: "continue", check, evidence };
}

/** Somebody who knows says that the author is the author: DMARC, or a sealer that is believed. */
export function isVouchedFor(
  { dmarc, author, sealers }: OriginFacts,
  { trustedSealers }: Pick<OriginActions, "trustedSealers">,
): boolean {
  return dmarc === "pass" || rescuer(author, sealers, trustedSealers) !== undefined;
}

/**
 * The sealer that saw the author's domain pass. Whoever sealed after it is believed too, for any of them may have changed
 * what it had before (RFC 8617 §7.2).
 */
export function rescuer(
  author: string | undefined,
  sealers: OriginFacts["sealers"],
  trusted: readonly string[],
): string | undefined {
  for (const { domain, vouchesFor } of sealers) {
    if (!trusted.includes(domain)) return undefined;
    if (author !== undefined && vouchesFor === author) return domain;
  }
  return undefined;
}
