/**
 * What is never listed, whoever wants it: more than a set width, addresses that are nobody's, the site's own and what it protects, whole
 * domains of the top. Pure; each gives its reason.
 */
import { getPublicSuffix } from "tldts";
import { SPECIAL_RANGES } from "./special-ranges.ts";
import { overlaps, type Subject } from "./subject.ts";

export interface ProtectedSubject {
  readonly subject: Subject;
  /** "this server", "listing.protected" */
  readonly whose: string;
}

export interface GuardRules {
  /** The shortest prefix that may be listed, of IPv4 and of IPv6. */
  readonly widestV4: number;
  readonly widestV6: number;
  /** Special ranges may be listed: for tests. */
  readonly specialRanges: boolean;
  readonly protected: readonly ProtectedSubject[];
}

/** Why it may not be listed; undefined where it may. */
export function guardProblem(subject: Subject, rules: GuardRules): string | undefined {
  return (
    tooWide(subject, rules) ??
    (rules.specialRanges ? undefined : specialProblem(subject)) ??
    suffixProblem(subject) ??
    protectedProblem(subject, rules.protected)
  );
}

function tooWide(subject: Subject, { widestV4, widestV6 }: GuardRules): string | undefined {
  if (subject.kind === "name") return undefined;
  const { bits } = subject.block;
  const [widest, key] = subject.kind === "v4" ? [widestV4, "v4"] : [widestV6, "v6"];
  if (bits >= widest) return undefined;
  return `a /${bits} is wider than listing.widest_${key} allows, which is a /${widest}`;
}

function specialProblem(subject: Subject): string | undefined {
  const found = SPECIAL_RANGES.find((range) => overlaps(subject, range.subject));
  if (found === undefined) return undefined;
  return `it has addresses of ${found.subject.text}, a range that is never listed: ${found.what}`;
}

/** Below such a name everybody registers his own. */
function suffixProblem(subject: Subject): string | undefined {
  if (subject.kind !== "name") return undefined;
  const { name } = subject;
  const suffix = getPublicSuffix(name, { allowPrivateDomains: true, validateHostname: false });
  if (suffix !== name && name.includes(".")) return undefined;
  return `${name} is a public suffix: below it are the domains of many owners`;
}

function protectedProblem(subject: Subject, all: readonly ProtectedSubject[]): string | undefined {
  const found = all.find((one) => overlaps(subject, one.subject));
  if (found === undefined) return undefined;
  const what = found.subject.text === subject.text ? "it" : found.subject.text;
  return `${what} is protected: ${found.whose}`;
}
