/**
 * How well it was known who wrote to us, of the store's contract: messages counted by day, domain of the reverse-path and level, so
 * that an operator can see what a higher bar would have kept out before it does.
 */
import type { Domain, IdentityLevel } from "../mail/index.ts";

/** Counters of one day (UTC); beyond, domains are counted together. */
export const IDENTITY_ROWS_PER_DAY = 10_000;

/** One message from somebody who has not logged in. */
export interface SeenIdentity {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the reverse-path; "" is the null path. */
  readonly domain: Domain | "";
  readonly level: IdentityLevel;
}

export interface IdentityCount {
  /** Undefined: of domains that had no counter of their own any more. */
  readonly domain: Domain | "" | undefined;
  readonly level: IdentityLevel;
  readonly messages: number;
}

export interface IdentityCounts {
  /** Counts it within a second; nobody waits for it, and it never throws. May be lost in a crash. */
  note(seen: SeenIdentity): void;
  /**
   * Of this day (days since 1970, UTC) and all after it, summed up: one for each domain and level, those of a domain together. Also
   * what was noted just now, in this process.
   */
  since(day: number): Promise<readonly IdentityCount[]>;
  /** Forgets the days before this one. */
  prune(beforeDay: number): Promise<void>;
}
