/** What is so of a host where something is in the way of its entry. Pure. */
import { backOff, type Schedule } from "./schedule.ts";
import type { Suspect } from "./suspect.ts";

/** It relays, and could not be listed; it is tried again. */
export function afterHolding(judged: Suspect, until: number, why: string): Suspect {
  return { ...judged, due: until, held: why };
}

/** What was in the way is gone, and it is listed: its next test is when it would have been. */
export function afterListing(before: Suspect, schedule: Schedule): Suspect {
  const { held: _, ...rest } = before;
  return { ...rest, due: (rest.last?.at ?? 0) + backOff(schedule, rest.inARow) };
}
