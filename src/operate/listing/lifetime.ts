/** How long an entry lives: every one has its end, by the kind of its evidence unless it is said, and never more than a year away. */
import type { EvidenceKind } from "./entry.ts";

export const DAY_MS = 86_400_000;

/** Days from now on that an entry can last. */
export const LONGEST_DAYS = 365;

export type Lifetimes = Readonly<Record<EvidenceKind, number>>;

/** The end of an entry that is made now. Throws nothing: the reason where `wanted` is none. */
export function endOf(
  kind: EvidenceKind,
  now: number,
  lifetimes: Lifetimes,
  wanted?: number,
): number | string {
  if (wanted === undefined) return now + lifetimes[kind] * DAY_MS;
  if (wanted <= now) return "the end is not in the future";
  if (wanted > now + LONGEST_DAYS * DAY_MS)
    return `the end is more than ${LONGEST_DAYS} days away; every entry ends by itself, and is renewed where it is still true`;
  return wanted;
}
