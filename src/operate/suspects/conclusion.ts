/**
 * A test is concluded: what it has shown, what becomes of the host and of the lists. The lists come first and what is known of the host last: whoever is
 * interrupted between finds the test again, and what was done already done.
 */
import type { Ip } from "../../mail/index.ts";
import type { TestResult } from "../tester/index.ts";
import { dueWhenAsked } from "./asked.ts";
import { list, takeOff, takeOffOutputs, testedEntry, type ListAct, type TestsAbout } from "./entries.ts"; // prettier-ignore
import { findingOf, type Finding } from "./finding.ts";
import { afterHolding, afterListing } from "./in-the-way.ts";
import { afterFinding, type Judged } from "./judged.ts";
import { newSuspect } from "./reported.ts";
import type { SuspectSettings } from "./settings.ts";
import { changed, scheduleOf, type SuspectSite } from "./site.ts";
import { keptSuspect, type Suspect } from "./suspect.ts";
import { dismissed } from "./work.ts";

/** Milliseconds until what was in the way is looked at again. */
export const RETRY_MS = 300_000;

/** A test as it was kept, with what came back until now. */
export interface Examined {
  readonly result: TestResult;
  readonly begunAt: number;
  readonly endedAt: number;
}

export interface Concluded {
  readonly suspect: Suspect;
  readonly finding: Finding;
  readonly act: ListAct | { readonly kind: "left"; readonly zone: string } | { readonly kind: "nothing" }; // prettier-ignore
}

export async function conclude(
  site: SuspectSite,
  settings: SuspectSettings,
  ip: Ip,
  test: Examined,
  tests: TestsAbout,
): Promise<Concluded> {
  const { result, begunAt, endedAt } = test;
  const now = site.now();
  const finding = findingOf(result, endedAt, now);
  const last = { id: result.id, at: endedAt };
  const listed = testedEntry(site, settings.zone, ip);
  const judge = (before: Suspect): Judged =>
    afterFinding(before, finding, last, listed, scheduleOf(settings));
  const before = known(site, ip);
  const judged = judge(before);
  const act = await acted(site, settings, { before, judged, test, tests });
  const after = (suspect: Suspect): Suspect => {
    if (act.kind === "dismissed") return dismissed({ ...suspect, last });
    const next = judge(suspect).suspect;
    const so = act.kind === "held" ? afterHolding(next, now + RETRY_MS, act.why) : next;
    // Who asked while it was tested already wants to know how it is since.
    const { asked } = suspect;
    return asked !== undefined && asked.at > begunAt
      ? { ...so, asked, due: dueWhenAsked(asked) }
      : so;
  };
  const suspect = await kept(site, ip, after);
  return { suspect, finding, act };
}

async function acted(
  site: SuspectSite,
  settings: SuspectSettings,
  of: {
    readonly before: Suspect;
    readonly judged: Judged;
    readonly test: Examined;
    readonly tests: TestsAbout;
  },
): Promise<Concluded["act"]> {
  const { before, judged, test, tests } = of;
  const { ip, why } = judged.suspect;
  switch (judged.act) {
    case "list": {
      const act = await list(site, settings, ip, test.result, test.begunAt);
      if (act.kind === "dismissed") await takeOffOutputs(site, settings, before, why, tests);
      return act;
    }
    case "remove":
      await takeOff(site, settings, before, `${why} (test ${test.result.id})`, tests);
      return { kind: "left", zone: settings.zone };
    case "nothing":
      if (judged.suspect.outputs.length === 0)
        await takeOffOutputs(site, settings, before, why, tests);
      return { kind: "nothing" };
  }
}

/** It relays, and something was in the way of its entry. */
export async function listAgain(
  site: SuspectSite,
  settings: SuspectSettings,
  ip: Ip,
  { result, begunAt }: Examined,
  tests: TestsAbout,
): Promise<{ readonly suspect: Suspect; readonly act: ListAct }> {
  const act = await list(site, settings, ip, result, begunAt);
  if (act.kind === "dismissed") return { suspect: await dismiss(site, settings, ip, tests), act };
  const until = site.now() + RETRY_MS;
  const suspect = await kept(site, ip, (before) =>
    act.kind === "held" ? afterHolding(before, until, act.why) : afterListing(before, scheduleOf(settings)),
  ); // prettier-ignore
  return { suspect, act };
}

/** Its entry was taken off, or has ended: it is left alone, and those that were there because of it leave. `why`: for another reason. */
export async function dismiss(
  site: SuspectSite,
  settings: SuspectSettings,
  ip: Ip,
  tests: TestsAbout,
  why?: string,
): Promise<Suspect> {
  const so = (before: Suspect): Suspect => dismissed(before, why);
  const before = known(site, ip);
  await takeOffOutputs(site, settings, before, so(before).why, tests);
  return kept(site, ip, so);
}

function known({ suspects, now }: SuspectSite, ip: Ip): Suspect {
  const stored = suspects.find(ip);
  return stored === undefined ? newSuspect(ip, now()) : keptSuspect(stored);
}

export async function kept(
  site: SuspectSite,
  ip: Ip,
  next: (before: Suspect) => Suspect,
): Promise<Suspect> {
  const after = await changed(site, ip, (before) => next(before ?? newSuspect(ip, site.now())));
  if (typeof after === "string") throw new Error(after); // `next` gives no reason
  return after;
}
