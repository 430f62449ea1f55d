/** How a list is, as whoever looks after it wants to see it: one shape for people and programs. */
import {
  HEALTH_LIMITS,
  usualRate,
  type Ailment,
  type BadWindow,
  type List,
  type ListHealth,
  type SeenSubject,
  type UnknownCode,
} from "../../policy/lists/index.ts";

export interface ShownHealth {
  readonly list: string;
  /** Where it is, without a key. */
  readonly of: string;
  readonly mode: "observe" | "vote";
  readonly state: ListHealth["state"] | "file";
  /** ISO 8601, as all times here; null: not yet, not known. */
  readonly since: string | null;
  readonly ailment: Ailment | null;
  readonly why: string | null;
  readonly hits: {
    readonly subjects: number;
    readonly listed: number;
    /** Share of those asked about before; null: too few were. */
    readonly usual: number | null;
    readonly usualSubjects: number;
  } | null;
  /** Of `subjects`: those that other lists were asked about too. */
  readonly others: {
    readonly compared: number;
    readonly shared: number;
    readonly onlyHere: number;
    readonly onlyElsewhere: number;
  } | null;
  readonly latencyMs: number | null;
  readonly unknownCodes: readonly (Omit<UnknownCode, "lastAt"> & { readonly last: string })[];
  readonly lastProbe: { readonly at: string; readonly found: string } | null;
  /** When it had a vote and spoke ill. */
  readonly windows: readonly {
    readonly from: string;
    readonly until: string;
    readonly why: string;
  }[];
  /** When this was written down. */
  readonly at: string | null;
}

/** `kept`: as the server has last written it; absent: never. */
export function shownHealth(
  list: List,
  kept: { readonly health: ListHealth; readonly at: number } | undefined,
): ShownHealth {
  const { name, mode } = list;
  const frame = { list: name, of: list.source === "zone" ? list.shownZone : list.file, mode };
  if (list.source === "file" || kept === undefined)
    return { ...frame, ...UNKNOWN, state: list.source === "file" ? "file" : "unproven" };
  const { health, at } = kept;
  const { state, since, ailment = null, why = null, latencyMs = null, hits, lastProbe } = health;
  const usual = usualRate(hits, HEALTH_LIMITS);
  return {
    ...frame,
    state,
    since: iso(since),
    ailment,
    why,
    hits: {
      subjects: hits.recent.length,
      listed: hits.recent.filter(({ isHit }) => isHit).length,
      usual: usual === undefined ? null : Math.round(usual * 10_000) / 10_000,
      usualSubjects: Math.floor(hits.before.subjects),
    },
    others: compared(hits.recent),
    latencyMs,
    unknownCodes: health.unknownCodes.map(({ lastAt, ...code }) => ({
      ...code,
      last: iso(lastAt),
    })),
    lastProbe: lastProbe === undefined ? null : { ...lastProbe, at: iso(lastProbe.at) },
    windows: health.windows.map(windowJson),
    at: iso(at),
  };
}

const UNKNOWN = {
  since: null,
  ailment: null,
  why: null,
  hits: null,
  others: null,
  latencyMs: null,
  unknownCodes: [],
  lastProbe: null,
  windows: [],
  at: null,
} as const;

function compared(recent: readonly SeenSubject[]): NonNullable<ShownHealth["others"]> {
  const both = recent.filter(({ others }) => others !== undefined);
  const count = (isHit: boolean, others: SeenSubject["others"]): number =>
    both.filter((one) => one.isHit === isHit && one.others === others).length;
  return {
    compared: both.length,
    shared: count(true, "listed"),
    onlyHere: count(true, "clear"),
    onlyElsewhere: count(false, "listed"),
  };
}

function windowJson({ from, until, why }: BadWindow): ShownHealth["windows"][number] {
  return { from: iso(from), until: iso(until), why };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
