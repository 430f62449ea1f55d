/**
 * Whether a server may be tested at all: one's own network always; else the owner says so, by a token that only he can show, or by
 * `--mine`; or there is a cause: it was reported, or is on a list of ours. Who says no is left alone, and nobody is tested more often
 * than a few times a day.
 */
import { hash } from "node:crypto";
import { parseCidr, type Domain, type Ip } from "../../mail/index.ts";
import type { Endpoint } from "./machine.ts";
import type { NotTestedReason } from "./not-tested.ts";

/** A text that the owner shows, and where it was found: the DNS, his web server, the greeting. */
export interface Shown {
  readonly where: string;
  readonly text: string;
}

/** Why a server is tested whose owner was not asked. */
export interface TestCause {
  /** In words: "it was reported by ann". */
  readonly why: string;
  /** How many tests of it there may be in a day, and the setting that says so. */
  readonly dailyCap: number;
  readonly setting: string;
  /** For a long time the DNS has not said whether he wants it: where it answers about others, that is his own fault, and no wish. */
  readonly unheard?: true;
}

export interface ConsentFacts {
  /** As it was asked for: a host name, an address or a domain. */
  readonly target: string;
  readonly endpoints: readonly Endpoint[];
  /** Whoever tests says that the server is his. */
  readonly mine: boolean;
  readonly cause?: TestCause;
  /** The token that the owner is to show. */
  readonly token: string;
  readonly shown: readonly Shown[];
  /** What of it the local list of those who want to be left alone names, if anything. */
  readonly optedOut?: string;
  /** Tests of this target in the last day, and how many there may be. */
  readonly today: number;
  readonly dailyCap: number;
}

export type Consent =
  | { readonly kind: "yes"; readonly because: string }
  | { readonly kind: "no"; readonly reason: NotTestedReason; readonly why: string };

export function judgeConsent(facts: ConsentFacts): Consent {
  const { target, endpoints, mine, cause, token, shown, optedOut, today, dailyCap } = facts;
  if (endpoints.every(({ ip }) => isNear(ip)))
    return { kind: "yes", because: "it is in a network of your own" };
  if (optedOut !== undefined)
    return no("opted out", `${optedOut} is on the local list of servers that are not to be tested`);
  const refusal = shown.find(isRefusal);
  if (refusal !== undefined)
    return no("opted out", `the owner of ${target} does not want it: ${refusal.where} says "no"`);
  if (today >= dailyCap)
    return no(
      "cap reached",
      `${target} has been tested ${today} times in the last day, and ${dailyCap} are allowed (${cause?.setting ?? "tester.daily_cap"})`,
    );
  if (cause !== undefined) return { kind: "yes", because: cause.why };
  const consent = shown.find((one) => isConsent(one, token));
  if (consent !== undefined)
    return { kind: "yes", because: `its owner agrees: ${consent.where} shows the token` };
  if (mine) return { kind: "yes", because: "you say that it is yours" };
  return no("nobody agreed", howToAgree(target, token));
}

/** The owner has said yes or no: there is no need to look any further. */
export function hasDecided(shown: readonly Shown[], token: string): boolean {
  return shown.some((one) => isRefusal(one) || isConsent(one, token));
}

function isRefusal({ text }: Shown): boolean {
  return text.trim().toLowerCase() === "no";
}

function isConsent({ text }: Shown, token: string): boolean {
  return text.includes(token);
}

/**
 * Loopback, private and link-local networks, IPv4 and IPv6. Not the shared space of providers (100.64.0.0/10, RFC 6598), behind which
 * a provider's other customers are; and nothing that carries a public IPv4 address in it (NAT64, 6to4).
 */
const NEAR = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "::1",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parseCidr(text) ?? []);

/** Whoever reaches it is in its network, and answers for it. */
export function isNear(ip: Ip): boolean {
  return NEAR.some((network) => network.contains(ip));
}

/**
 * The same for a tester and a target at any time. It need be no secret: what counts is that it stands where only the owner can
 * have put it, and that it is for this tester.
 */
export function consentToken(tester: Domain, target: string): string {
  const text = `gatepost-test ${tester} ${target.toLowerCase()}`;
  return `gatepost-test=${hash("sha256", text).slice(0, 32)}`;
}

function howToAgree(target: string, token: string): string {
  return [
    `nobody has said that ${target} may be tested. If it is yours, say so with --mine. Else its owner can agree by showing`,
    `    ${token}`,
    `  - as TXT record of _gatepost-test.${target}`,
    `  - or as text at http://${target}/.well-known/gatepost-test`,
    `  - or in the greeting (220) of the mail server`,
  ].join("\n");
}

function no(reason: NotTestedReason, why: string): Consent {
  return { kind: "no", reason, why };
}
