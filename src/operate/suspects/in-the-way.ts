/** What is so of a host where something is in the way: of its entry, of its test. Pure. */
import { backOff, TRIES, type Schedule } from "./schedule.ts";
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

/** Its owner does not want it: nobody knows what it does, and whoever wanted to know is told so. He is asked again a few times, longer while it is listed. */
export function afterOptOut(
  before: Suspect,
  why: string,
  listed: boolean,
  schedule: Schedule,
  now: number,
): Suspect {
  const { ip, last, outputs } = before;
  const inARow = before.standing === "blocks" ? before.inARow + 1 : 1;
  const again = listed || inARow < TRIES;
  return {
    ip,
    standing: "blocks",
    why,
    ...(again && { due: now + backOff(schedule, inARow) }),
    ...(last !== undefined && { last }),
    inARow,
    outputs,
  };
}
