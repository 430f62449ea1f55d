/** How well it was known who wrote to us, by domain; and what each bar would have kept out. */
import { IDENTITY_LEVELS, isAtLeast, type Domain, type IdentityLevel } from "../../mail/index.ts";
import type { IdentityCount } from "../../store/index.ts";

export interface SeenDomain {
  /** "" is the null path; null: domains that had no counter of their own. */
  readonly domain: Domain | "" | null;
  readonly messages: number;
  /** The best that was seen, and the least. */
  readonly highest: IdentityLevel;
  readonly lowest: IdentityLevel;
  /** Messages that each setting of `admission.require` would have refused. */
  readonly refused: Readonly<Record<IdentityLevel, number>>;
}

/** Those with most messages first. */
export function seenDomains(counts: readonly IdentityCount[]): readonly SeenDomain[] {
  const byDomain = Map.groupBy(counts, ({ domain }) => domain);
  return [...byDomain]
    .map(([domain, own]) => ({ domain: domain ?? null, ...summed(own) }))
    .toSorted((a, b) => b.messages - a.messages || compared(a.domain, b.domain));
}

/** Of all domains together. */
export function summed(counts: readonly IdentityCount[]): Omit<SeenDomain, "domain"> {
  const seen = IDENTITY_LEVELS.filter((level) => counts.some((count) => count.level === level));
  return {
    messages: total(counts),
    highest: seen.at(-1) ?? "none",
    lowest: seen[0] ?? "none",
    refused: {
      none: 0,
      "forward-confirmed": below(counts, "forward-confirmed"),
      aligned: below(counts, "aligned"),
      certificate: below(counts, "certificate"),
      pinned: below(counts, "pinned"),
    },
  };
}

function below(counts: readonly IdentityCount[], wanted: IdentityLevel): number {
  return total(counts.filter(({ level }) => !isAtLeast(level, wanted)));
}

function total(counts: readonly IdentityCount[]): number {
  return counts.reduce((sum, { messages }) => sum + messages, 0);
}

function compared(a: string | null, b: string | null): number {
  return (a ?? "") < (b ?? "") ? -1 : 1;
}
