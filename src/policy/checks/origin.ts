/** What was found out about a stranger's message, in policy's own words, and what a failure is answered. */
import {
  isTransient,
  type Facts,
  type IdentityLevel,
  type SettingFact,
  type Status,
} from "../../mail/index.ts";
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
  readonly sealers: readonly Sealer[];
  readonly iprev: string;
  /** Why its signatures were not looked at. */
  readonly unread?: string;
}

/** Of one ARC set: who sealed, and the author's domain that it saw pass. */
export type Sealer = { readonly domain: string; readonly vouchesFor?: string };

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

/** Of facts, as evidence. */
export function leniencyIn({ rolesOnly, pinned }: Leniency): Leniency {
  return { ...(rolesOnly === true && { rolesOnly }), ...(pinned === true && { pinned }) };
}

/** A no, where it can be said. */
export function refusal(
  check: string,
  status: Status,
  mark: string,
  evidence: Evidence & Leniency,
  setting: SettingFact,
): Verdict {
  if (evidence.rolesOnly === true || evidence.pinned === true)
    return marked(check, mark, evidence, setting);
  return { action: isTransient(status) ? "defer" : "refuse", check, status, evidence, setting };
}

/** What the DNS did not say is put off or marked, as is set: nobody may take it for a pass. */
export function unsaid(
  { dnsFailure }: Pick<OriginActions, "dnsFailure">,
  check: string,
  status: Status,
  evidence: Evidence & Leniency,
): Verdict {
  const setting = { key: "authentication.dns_failure", value: dnsFailure };
  const mark = `${check}=temperror`;
  return dnsFailure === "defer"
    ? refusal(check, status, mark, evidence, setting)
    : marked(check, mark, evidence, setting);
}

export function marked(
  check: string,
  mark: string,
  evidence: Evidence,
  setting: SettingFact,
): Verdict {
  return { action: "mark", check, marks: [mark], evidence, setting };
}

/** What follows from a failure is one of the settings of `[authentication]`. */
export function failureSetting(
  check: "spf" | "dkim" | "dmarc" | "iprev",
  actions: OriginActions,
): SettingFact {
  return { key: `authentication.${check}`, value: actions[check] };
}

export function passed(check: string, evidence: Evidence): Verdict {
  return { action: "continue", check, evidence };
}

/** By what it can be told whether somebody vouches for the author; who is believed is a setting. */
export type VouchingFacts = Facts & {
  readonly dmarc?: OriginFacts["dmarc"];
  readonly author?: string;
  /** Absent where DMARC passes, and where there are none. */
  readonly sealers?: readonly Sealer[];
};

export function vouchingFacts({ dmarc, author, sealers }: OriginFacts): VouchingFacts {
  const matter = dmarc !== "pass" && sealers.length > 0;
  return {
    dmarc,
    ...(author !== undefined && { author }),
    ...(matter && { sealers: sealers.slice(0, SEALERS).map(sealerOf) }),
  };
}

/** Sealers kept; RFC 8617 §4.2.1 has 50 sets at most. */
const SEALERS = 50;

function sealerOf({ domain, vouchesFor }: Sealer): Sealer {
  return { domain, ...(vouchesFor !== undefined && { vouchesFor }) };
}

/** Somebody who knows says that the author is the author: DMARC, or a sealer that is believed. */
export function isVouchedFor(facts: VouchingFacts, actions: OriginActions): boolean {
  return facts.dmarc === "pass" || rescuedBy(facts, actions) !== undefined;
}

/** What would have spared a message from what SPF or DKIM say. */
export const VOUCHED: readonly string[] = ["a pass of its author's domain by DMARC"];

/** The sealer that is believed instead of DMARC. */
export function rescuedBy(
  { dmarc, author, sealers = [] }: VouchingFacts,
  { trustedSealers }: OriginActions,
): string | undefined {
  return dmarc === "pass" ? undefined : rescuer(author, sealers, trustedSealers);
}

/**
 * The sealer that saw the author's domain pass. Whoever sealed after it is believed too, for any of them may have changed
 * what it had before (RFC 8617 §7.2).
 */
function rescuer(
  author: string | undefined,
  sealers: readonly Sealer[],
  trusted: readonly string[],
): string | undefined {
  for (const { domain, vouchesFor } of sealers) {
    if (!trusted.includes(domain)) return undefined;
    if (author !== undefined && vouchesFor === author) return domain;
  }
  return undefined;
}
