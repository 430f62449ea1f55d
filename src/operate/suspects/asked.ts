/** Who asks for a test of a host that is listed, or was reported, gets it at once. */
import type { Asked, Suspect } from "./suspect.ts";

/** Before all whose time has come: somebody waits for it. */
const AT_ONCE = 0;

export function afterAsking(before: Suspect, asked: Asked): Suspect {
  const { held: _, ...rest } = before;
  const owner = asked.owner || before.asked?.owner === true;
  return { ...rest, due: AT_ONCE, asked: { ...asked, owner } };
}

/** It was asked for, and could not be done now: so many tests have been done today, the DNS does not answer. */
export function afterPostponing(before: Suspect, until: number, why: string): Suspect {
  const { asked: _, ...rest } = before;
  return { ...rest, due: until, why };
}
