/**
 * The brake: a list that grows faster than it ever did is wrong, or its evidence is forged. What lists by itself, and imports, are stopped
 * then, until a person has looked. Removals never are. Pure.
 */
import type { PublishedFigures, PublishedGrowth } from "../../store/index.ts";

export interface BrakeLimits {
  /** Subjects that may be listed by themselves in an hour. */
  readonly burst: number;
  /** Percent that a zone may grow in a day; a small one by `burst`. */
  readonly growthPercent: number;
}

export interface ZoneGrowth {
  readonly figures: Pick<PublishedFigures, "weight">;
  /** What was listed by the pipeline in the last hour. */
  readonly hour: Pick<PublishedGrowth, "listed">;
  /** Of the last day, whoever did it. */
  readonly day: Pick<PublishedGrowth, "weight">;
}

export interface Coming {
  readonly listed: number;
  readonly weight: number;
}

/** Why one more listing of the pipeline pulls the brake; undefined where it does not. */
export function burstProblem(
  { hour }: Pick<ZoneGrowth, "hour">,
  { burst }: BrakeLimits,
  coming: Pick<Coming, "listed">,
): string | undefined {
  const listed = hour.listed + coming.listed;
  if (listed <= burst) return undefined;
  return `${listed} listings within an hour; listing.burst allows ${burst}`;
}

/** Why what comes lets the zone grow too fast; undefined where it does not. */
export function growthProblem(
  { figures, day }: Pick<ZoneGrowth, "figures" | "day">,
  { burst, growthPercent }: BrakeLimits,
  coming: Pick<Coming, "weight">,
): string | undefined {
  const before = Math.max(0, figures.weight - day.weight);
  const allowed = Math.max(burst, Math.floor((before * growthPercent) / 100));
  const grown = day.weight + coming.weight;
  if (coming.weight <= 0 || grown <= allowed) return undefined;
  const share = before === 0 ? "a zone that was empty" : `${before} of a day ago`;
  return `the zone would grow by ${grown} within a day, from ${share}; allowed are ${allowed} (listing.growth_percent, or listing.burst where that is more)`;
}
