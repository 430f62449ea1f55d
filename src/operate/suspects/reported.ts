/** What a report makes of a host: one that nobody knew is tested at once; one that a test has just cleared, not before the time for it has come. */
import type { Ip } from "../../mail/index.ts";
import { backOff, type Schedule } from "./schedule.ts";
import type { Suspect } from "./suspect.ts";

export function newSuspect(ip: Ip, due: number): Suspect {
  return { ip, standing: "reported", why: "", due, inARow: 0, outputs: [] };
}

export function afterReport(
  ip: Ip,
  before: Suspect | undefined,
  schedule: Schedule,
  now: number,
): Suspect {
  if (before === undefined) return newSuspect(ip, now);
  switch (before.standing) {
    case "reported":
    case "pending":
    case "proved":
      return before; // it has its turn
    case "clean":
    case "blocks":
    case "unknown":
    case "dismissed":
      return dueAgain(before, schedule, now);
  }
}

/** No sooner than its turn would be, so that a thousand reports are no thousand tests. */
function dueAgain(before: Suspect, schedule: Schedule, now: number): Suspect {
  const { last, inARow, due } = before;
  const earliest = last === undefined ? now : last.at + backOff(schedule, Math.max(1, inARow));
  return { ...before, due: Math.min(due ?? Infinity, Math.max(now, earliest)) };
}
