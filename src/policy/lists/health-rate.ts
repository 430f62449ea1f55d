/**
 * How many a list lists of those it is asked about, held against what is usual for it: a list that goes mad in a way no canary sees
 * is found by this. A sequential test (Wald 1945, as Page's cumulative sum): each subject makes one of two rates more
 * probable, and what makes the unusual one so much more probable raises doubt. A hit that another list shares says nothing about
 * this one: where many are bad, all lists say so. Names cost nothing, so one client's count as one each day. Pure, bounded, JSON-safe.
 */
import type { HealthLimits } from "./health-limits.ts";

export interface SeenSubject {
  /** A network or a name. */
  readonly place: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isHit: boolean;
  /** Of a name: the network of the client that has brought it; "": nobody knows. */
  readonly by?: string;
  /** What other lists that are well say of it; absent: none was asked. */
  readonly others?: "clear" | "listed";
}

export interface HitRate {
  /** Each another one, the last one last. */
  readonly recent: readonly SeenSubject[];
  /** Those before, as far as they count. */
  readonly before: { readonly subjects: number; readonly hits: number };
}

export const NO_HITS: HitRate = { recent: [], before: { subjects: 0, hits: 0 } };

const HOUR_MS = 3_600_000;

/** `learns`: what is no longer recent becomes what is usual. */
export function withSubject(
  rate: HitRate,
  seen: Omit<SeenSubject, "others">,
  learns: boolean,
  limits: HealthLimits,
): HitRate {
  const { place, at, isHit, by } = seen;
  const isPast = (one: SeenSubject) => Math.abs(at - one.at) >= limits.againHours * HOUR_MS;
  const isAnothers = (one: SeenSubject) => one.place !== place && one.by === by && !isPast(one);
  if (by !== undefined && rate.recent.some(isAnothers)) return rate;
  const known = rate.recent.findIndex((one) => one.place === place);
  const same = rate.recent[known];
  const again = same !== undefined && isPast(same);
  if (same !== undefined && same.isHit === isHit && !again) return rate;
  const others = known < 0 ? rate.recent : rate.recent.toSpliced(known, 1);
  const counted = again ? [same] : [];
  const recent = [...others, seen];
  const left = recent.length > limits.recentSubjects ? recent.slice(0, 1) : [];
  const aged = learns ? [...counted, ...left].filter(isTelling) : [];
  return { recent: recent.slice(left.length), before: aged.reduce(countedIn(limits), rate.before) };
}

/** Another list has spoken about the same subject. */
export function withOther(rate: HitRate, place: string, isListed: boolean): HitRate {
  const known = rate.recent.findLastIndex((one) => one.place === place);
  const subject = rate.recent[known];
  if (subject === undefined || subject.others === "listed") return rate;
  const others = isListed ? "listed" : "clear";
  return { ...rate, recent: rate.recent.with(known, { ...subject, others }) };
}

/** Undefined: too few were seen to say. */
export function usualRate({ before }: HitRate, limits: HealthLimits): number | undefined {
  if (before.subjects < limits.usualSubjects) return undefined;
  return before.hits / before.subjects;
}

export interface Doubt {
  /** When the subjects began that raise it. */
  readonly from: number;
  readonly subjects: number;
  readonly hits: number;
}

/** Whether those seen since then speak for an unusual rate; once they do, until they speak against it as much. */
export function doubtOf(rate: HitRate, since: number, limits: HealthLimits): Doubt | undefined {
  const steps = stepsOf(rate, limits);
  if (steps === undefined) return undefined;
  let [sum, isDoubted] = [0, false];
  let run: Doubt | undefined;
  for (const { at, isHit } of telling(rate, since)) {
    sum = Math.min(sum + (isHit ? steps.hit : -steps.miss), limits.doubt);
    isDoubted ||= sum >= limits.doubt;
    if (sum <= 0) [sum, isDoubted, run] = [0, false, undefined];
    else
      run = {
        from: run?.from ?? at,
        subjects: (run?.subjects ?? 0) + 1,
        hits: (run?.hits ?? 0) + (isHit ? 1 : 0),
      };
  }
  return isDoubted ? run : undefined;
}

/** Whether those seen last, since then, speak for the usual rate. */
export function isUsualAgain(rate: HitRate, since: number, limits: HealthLimits): boolean {
  const sums = reliefs(rate, since, limits);
  return sums === undefined || (sums.at(-1) ?? 0) >= limits.relief;
}

/** Whether those seen since then have at some time spoken for the usual rate; never, as long as nobody knows what is usual. */
export function wasUsual(rate: HitRate, since: number, limits: HealthLimits): boolean {
  return reliefs(rate, since, limits)?.some((sum) => sum >= limits.relief) === true;
}

/** How much they spoke for it, one after the other; never less than nothing. Undefined where nobody knows what is usual. */
function reliefs(
  rate: HitRate,
  since: number,
  limits: HealthLimits,
): readonly number[] | undefined {
  const steps = stepsOf(rate, limits);
  let sum = 0;
  return (
    steps &&
    telling(rate, since).map(
      ({ isHit }) => (sum = Math.max(0, sum + (isHit ? -steps.hit : steps.miss))),
    )
  );
}

/** How much a hit speaks for the unusual rate, and its absence for the usual one. */
function stepsOf(
  rate: HitRate,
  limits: HealthLimits,
): { readonly hit: number; readonly miss: number } | undefined {
  const measured = usualRate(rate, limits);
  if (measured === undefined) return undefined;
  const usual = Math.min(Math.max(measured, limits.usualLeast), 0.99);
  const odds = (usual / (1 - usual)) * limits.oddsRatio;
  const unusual = odds / (1 + odds);
  return { hit: Math.log(unusual / usual), miss: Math.log((1 - usual) / (1 - unusual)) };
}

function telling({ recent }: HitRate, since: number): readonly SeenSubject[] {
  return recent.filter((one) => one.at >= since && isTelling(one));
}

function isTelling({ isHit, others }: SeenSubject): boolean {
  return !(isHit && others === "listed");
}

function countedIn({ usualMost }: HealthLimits) {
  return ({ subjects, hits }: HitRate["before"], { isHit }: SeenSubject): HitRate["before"] => {
    const share = subjects >= 2 * usualMost ? 0.5 : 1;
    return { subjects: subjects * share + 1, hits: hits * share + (isHit ? 1 : 0) };
  };
}
