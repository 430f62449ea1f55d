/** Why a host is tested whose owner was not asked: somebody asked for it, somebody reported it, or it is listed. Pure. */
import type { SuspectReport } from "../../store/index.ts";
import type { TestCause } from "../tester/index.ts";
import { causeText, type Cause } from "./cause.ts";
import type { SuspectSettings } from "./settings.ts";
import type { Suspect } from "./suspect.ts";

/** Milliseconds for which the DNS need not say whether the owner wants it: whoever breaks his own would never be tested. */
const UNHEARD_MS = 86_400_000;

export interface Caps {
  readonly suspects: Pick<SuspectSettings, "requests_per_day">;
  readonly tester: { readonly daily_cap: number };
}

/** `report`: the latest, where it was reported. */
export function testCause(
  { asked, unheardSince = Infinity }: Suspect,
  report: SuspectReport | undefined,
  { suspects, tester }: Caps,
  now: number,
): TestCause {
  const unheard = now - unheardSince >= UNHEARD_MS;
  const cap =
    asked?.owner === true
      ? { dailyCap: suspects.requests_per_day, setting: "suspects.requests_per_day" }
      : { dailyCap: tester.daily_cap, setting: "tester.daily_cap" };
  const more = { ...cap, ...(unheard && { unheard }) };
  if (asked !== undefined) return { why: `${asked.by} asked for it`, ...more };
  if (report !== undefined) return { why: reportText(report), ...more };
  return { why: "it is listed for a test", ...more };
}

export function reportText({ origin, by, cause }: SuspectReport): string {
  return `reported by ${by} (${origin}): ${causeText(JSON.parse(cause) as Cause)}`; // as `reportSuspect` wrote it
}
