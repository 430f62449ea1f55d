/** Who asks for a test of a host that is listed, or was reported, gets it at once. */
import type { Asked, Suspect } from "./suspect.ts";

/** As milliseconds that its time has come before: no host waits so long for its turn. */
const YEAR_MS = 365 * 86_400_000;

/** Before all whose time has come, for somebody waits for it; its owner before all others, whoever asks for how many. In the order in which they asked. */
export function dueWhenAsked({ at, owner }: Asked): number {
  return Math.max(0, at - (owner ? 2 : 1) * YEAR_MS);
}

export function afterAsking(before: Suspect, asked: Asked): Suspect {
  const { held: _, ...rest } = before;
  const now = { ...asked, owner: asked.owner || before.asked?.owner === true };
  // Who asks again loses nothing by it.
  return { ...rest, due: Math.min(before.due ?? Infinity, dueWhenAsked(now)), asked: now };
}

/** It was asked for, and could not be done now: so many tests have been done today, the DNS does not answer. */
export function afterPostponing(before: Suspect, until: number, why: string): Suspect {
  const { asked: _, ...rest } = before;
  return { ...rest, due: until, why };
}
