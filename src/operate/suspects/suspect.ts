/** A host that was reported as an open relay: what its last test has shown, and what is to be done about it when. And as the store keeps it. */
import type { Ip } from "../../mail/index.ts";
import type { StoredSuspect, SuspectFacts } from "../../store/index.ts";

/**
 * `reported`: waits for its first test, or for one after a new report. `pending`: it took a message that has not come back, which may take
 * days. `proved`: a message came back. `clean`: it refused everything. `blocks`: it refuses whoever tests, so that nobody knows what it
 * does for others. `unknown`: it could not be found out. `dismissed`: somebody took it off the list.
 */
export const STANDINGS = [
  "reported",
  "pending",
  "proved",
  "clean",
  "blocks",
  "unknown",
  "dismissed",
] as const;

export type Standing = (typeof STANDINGS)[number];

export interface Suspect {
  readonly ip: Ip;
  readonly standing: Standing;
  /** What it stands on, in words; empty before the first test. */
  readonly why: string;
  /** When something is to be done about it, milliseconds since 1970; left out: nothing, until it is reported again. */
  readonly due?: number;
  readonly last?: LastTest;
  /** How many tests in a row have shown the same. */
  readonly inARow: number;
  /** Hosts by which what it relayed came back, and that are listed for it. */
  readonly outputs: readonly Ip[];
  /** Since when it is clean while it stays on the list: it has been there before. */
  readonly cleanSince?: number;
  /** Why it is not listed although it relays: a brake is pulled, a guard is in the way. */
  readonly held?: string;
  /** Since when its tests are put off because the DNS does not say whether its owner wants them. */
  readonly unheardSince?: number;
  /** A test was asked for, and waits for its turn. */
  readonly asked?: Asked;
  /** The test that is under way, or was interrupted, or has ended and nothing has followed from it yet. */
  readonly testing?: string;
}

export interface LastTest {
  readonly id: string;
  /** When it ended. */
  readonly at: number;
}

export interface Asked {
  /** "the host itself", a user of the system, the address of whoever asked. */
  readonly by: string;
  readonly at: number;
  /** Who has shown that the host is his, or answers for the list: such tests are counted for themselves. */
  readonly owner: boolean;
}

type Kept = Omit<Suspect, "ip" | "standing" | "due">;

export function keptSuspect({ ip, standing, due, facts }: StoredSuspect): Suspect {
  return {
    ip: ip as Ip, // as `suspectFacts` wrote it
    standing: standing as Standing, // so was this
    ...(due !== undefined && { due }),
    ...(JSON.parse(facts) as Kept), // and this
  };
}

export function suspectFacts(suspect: Suspect, at: number): SuspectFacts {
  const { ip: _, standing, due, ...kept } = suspect;
  return {
    standing,
    ...(due !== undefined && { due }),
    facts: JSON.stringify(kept satisfies Kept),
    at,
  };
}
