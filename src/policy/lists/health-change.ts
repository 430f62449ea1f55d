/** How a list loses its vote, and how it gets it back. */
import type { Ailment, HealthLimits } from "./health-limits.ts";
import { isFailure, type Fault } from "./health-probe.ts";
import { doubtOf, isUsualAgain } from "./health-rate.ts";
import type { BadWindow, ListHealth } from "./health-state.ts";
import type { ListAnswer } from "./reading.ts";
import type { HealthState } from "./watch.ts";

const MINUTE_MS = 60_000;

export interface HealthChange extends Fault {
  readonly at: number;
  /** When it began, where that is known; else it is when the list was last found in order. */
  readonly from?: number;
}

/** These leave it on trial: it is asked, and may show that it is well. */
const DOUBTS: ReadonlySet<Ailment> = new Set<Ailment>(["lists unusually many", "moved"]);

/** Of these nobody is refused, however late they are found. */
const HARMLESS: ReadonlySet<Ailment> = new Set<Ailment>(["turns us away", "emptied", "silent"]);

/** Something is wrong: from now on it has no vote. What is worse is remembered. */
export function fallen(health: ListHealth, change: HealthChange, limits: HealthLimits): ListHealth {
  const { ailment, why, at } = change;
  const to = DOUBTS.has(ailment) ? "trial" : "sick";
  const { cleanSince: _, ...rest } = health;
  const windows = [...health.windows, ...windowOf(health, change)].slice(-limits.windows);
  const state: HealthState = health.state === "sick" ? "sick" : to;
  const isWorse = isAtLeastAsLong(ailment, health.ailment, limits);
  return {
    ...rest,
    windows,
    state,
    since: state === health.state ? health.since : at,
    ...(isWorse && { ailment, why }),
  };
}

/** All of a probe was in order. */
export function clean(before: ListHealth, at: number, limits: HealthLimits): ListHealth {
  const health = { ...before, badProbes: 0, lastCleanProbeAt: at };
  switch (health.state) {
    case "well":
      return health;
    case "unproven":
      return well(health, at);
    case "sick":
      return { ...health, state: "trial", since: at, cleanSince: at };
    case "trial": {
      const { cleanSince = at } = health;
      const hasLasted = at - cleanSince >= probationMs(health, limits);
      return hasLasted && isUsual(health, limits) ? well(health, at) : { ...health, cleanSince };
    }
  }
}

/** After an answer that came, came too late, or did not come. */
export function silentAfter(
  health: ListHealth,
  {
    at,
    answer,
    limits,
  }: { readonly at: number; readonly answer: ListAnswer; readonly limits: HealthLimits },
): ListHealth {
  if (health.failures < limits.failures) return health;
  const what =
    answer.kind === "error" && isFailure(answer)
      ? answer.why
      : `answers after ${limits.slowMs} ms or more`;
  const why = `${health.failures} questions in a row were not answered in time: ${what}`;
  return fallen(health, { ailment: "silent", why, at }, limits);
}

/** Milliseconds until it is to be probed. */
export function probeDelayMs(health: ListHealth, limits: HealthLimits): number {
  const { probeMinutes, retryMinutes } = limits;
  return Math.min(probeMinutes, retryMinutes * waits(health, limits)) * MINUTE_MS;
}

/** Times `retryMinutes`. */
function waits(health: ListHealth, limits: HealthLimits): number {
  const { state, badProbes } = health;
  const isShort = probationMs(health, limits) <= 4 * limits.probeMinutes * MINUTE_MS;
  switch (state) {
    case "well":
      return Infinity;
    case "unproven":
      return 1;
    case "trial":
      return isShort ? 1 : Infinity;
    case "sick":
      return 2 ** Math.max(badProbes - 1, 0);
  }
}

/**
 * As it was before a restart, `at`. What was not watched meanwhile has to be probed before it votes, and what was in order has not
 * been seen to be.
 */
export function afterRestart(health: ListHealth, at: number, limits: HealthLimits): ListHealth {
  const { lastProbe } = health;
  const unwatchedMs = at - (lastProbe?.at ?? 0);
  const isFresh = unwatchedMs >= 0 && unwatchedMs <= 2 * limits.probeMinutes * MINUTE_MS;
  if (isFresh) return health;
  const { cleanSince: _, ...rest } = health;
  return health.state === "well" ? { ...rest, state: "unproven", since: at } : rest;
}

function well(health: ListHealth, at: number): ListHealth {
  const { ailment: _, why: __, cleanSince: ___, ...rest } = health;
  return {
    ...rest,
    state: "well",
    since: at,
    failures: 0,
    hits: { ...health.hits, recent: [] }, // whoever it listed in its illness is not what is usual
    knownCallers: [],
  };
}

function isUsual({ ailment, hits, since }: ListHealth, limits: HealthLimits): boolean {
  return ailment === "lists unusually many"
    ? isUsualAgain(hits, since, limits)
    : doubtOf(hits, since, limits) === undefined;
}

function probationMs({ ailment }: ListHealth, { probationMinutes }: HealthLimits): number {
  return (ailment === undefined ? 0 : probationMinutes[ailment]) * MINUTE_MS;
}

function isAtLeastAsLong(
  ailment: Ailment,
  before: Ailment | undefined,
  { probationMinutes }: HealthLimits,
): boolean {
  return before === undefined || probationMinutes[ailment] >= probationMinutes[before];
}

function windowOf(
  { state, since, lastCleanProbeAt }: ListHealth,
  { ailment, why, at, from }: HealthChange,
): readonly BadWindow[] {
  if (state !== "well" || HARMLESS.has(ailment)) return [];
  return [{ from: from ?? lastCleanProbeAt ?? since, until: at, why }];
}
