/** What the acts on reported hosts need beside the lists themselves; and a change of one that others may change at the same time. */
import type { Ip } from "../../mail/index.ts";
import type { SuspectReport, Suspects } from "../../store/index.ts";
import { DAY_MS, type GuardRules, type ListingSite } from "../listing/index.ts";
import type { Schedule } from "./schedule.ts";
import type { SuspectSettings } from "./settings.ts";
import { keptSuspect, suspectFacts, type Suspect } from "./suspect.ts";

export interface SuspectSite extends ListingSite {
  readonly suspects: Suspects;
  /** The rules of addresses alone, asked for each mail to a trap and each request of a stranger: a site has thousands of names. */
  readonly hostRules: GuardRules;
  /** Left out: this site tests nobody for its lists. */
  readonly testing: SuspectSettings | undefined;
}

const HOUR_MS = 3_600_000;

/** Changes by others at the same moment that a change gives way to. */
const TRIES = 20;

export function scheduleOf(settings: SuspectSettings): Schedule {
  return {
    firstMs: settings.retest_hours * HOUR_MS,
    longestMs: settings.longest_days * DAY_MS,
    returnMs: settings.return_hours * HOUR_MS,
  };
}

/** `next`: what becomes of it; a reason where nothing does. */
export async function changed(
  { suspects, now }: Pick<SuspectSite, "suspects" | "now">,
  ip: Ip,
  next: (before: Suspect | undefined) => Suspect | string,
  report?: SuspectReport,
): Promise<Suspect | string> {
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = suspects.find(ip);
    const after = next(stored && keptSuspect(stored));
    if (typeof after === "string") return after;
    const edit = { ip, seen: stored?.version ?? 0, after: suspectFacts(after, now()) };
    if (await suspects.apply({ ...edit, ...(report !== undefined && { report }) })) return after;
  }
  throw new Error(`${ip} is changed by others all the time`);
}
