/**
 * How sendmail ends, as its callers know it from sysexits.h. EX_TEMPFAIL asks them to come again with the same message, so it
 * is said only where nobody has it yet.
 */
import { isTransient, outcomeKind, type Outcome, type Status } from "../../mail/index.ts";
import type { Submitted } from "./submission.ts";

export const EXITS = {
  ok: 0,
  /** Called wrongly. */
  usage: 64,
  /** The message is none that can be sent. */
  data: 65,
  noUser: 67,
  unavailable: 69,
  /** Try again later. */
  temporary: 75,
  noPermission: 77,
  /** No login, or one that cannot be used. */
  config: 78,
} as const;

export type Exit = (typeof EXITS)[keyof typeof EXITS];

export function exitOf(submitted: Submitted): Exit {
  if (submitted.kind === "answered") return exitOfOutcomes(submitted.outcomes);
  if (submitted.why !== "not reached") return EXITS.noPermission;
  return isTransient(submitted.status) ? EXITS.temporary : EXITS.unavailable;
}

function exitOfOutcomes(outcomes: readonly Outcome[]): Exit {
  const failed = outcomes.find((outcome) => outcomeKind(outcome) === "failed");
  if (failed !== undefined) return exitOfFailure(failed.status);
  if (outcomes.every((outcome) => outcomeKind(outcome) === "delivered")) return EXITS.ok;
  const taken = outcomes.some((outcome) => outcomeKind(outcome) === "delivered");
  return taken ? EXITS.unavailable : EXITS.temporary;
}

/** RFC 3463: X.1.1 and X.1.2 are about an address that is not there, X.7 is about rights. */
function exitOfFailure({ enhanced }: Status): Exit {
  if (/^5\.1\.[12]$/.test(enhanced)) return EXITS.noUser;
  return enhanced.startsWith("5.7.") ? EXITS.noPermission : EXITS.unavailable;
}
