/** What is to be done about a host whose time has come. Pure. */
import type { Suspect } from "./suspect.ts";

export type Work =
  | "test"
  /** What its last test has shown is judged by what came back until now. */
  | "judge again"
  /** It relays, and is to be on the list, or to stay there: what was in the way may be gone. */
  | "list again"
  /** Somebody took it off the list, or its entry has ended: it is left alone until it is reported again. */
  | "dismiss";

/** Milliseconds that a proof counts for an entry that could not be made then; after that it is tested anew. */
const PROOF_LIFE_MS = 7 * 86_400_000;

/** `listed`: there is an entry of it now. */
export function workFor(suspect: Suspect, listed: boolean, now: number): Work {
  const { standing, asked, testing, held, last } = suspect;
  if (asked !== undefined || testing !== undefined) return "test";
  if (standing === "pending") return "judge again";
  if (standing !== "proved" || (listed && held === undefined)) return "test";
  if (held === undefined) return "dismiss";
  return last !== undefined && last.at > now - PROOF_LIFE_MS ? "list again" : "test";
}

/** Of one that is on no list: somebody took it off, or its entry has ended, whether or not its turn to be dismissed has come. */
export function isLetBe({ standing, held, asked }: Suspect): boolean {
  if (standing === "proved") return held === undefined && asked === undefined;
  return standing === "dismissed";
}

export function dismissed(
  { ip, inARow, last }: Suspect,
  why = "it is no entry of the list any more",
): Suspect {
  return {
    ip,
    standing: "dismissed",
    why,
    inARow,
    ...(last !== undefined && { last }),
    outputs: [],
  };
}
