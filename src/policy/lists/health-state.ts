/** What is known of a list's health, as it is kept over restarts and shown to people. */
import type { Ip } from "../../mail/index.ts";
import type { Ailment } from "./health-limits.ts";
import { NO_HITS, type HitRate } from "./health-rate.ts";
import type { ListStanding } from "./watch.ts";

export interface ListHealth extends ListStanding {
  /** Of this shape. */
  readonly v: 1;
  /** Of what it is ill, or is recovering. */
  readonly ailment?: Ailment;
  /** Since when all that was seen has been in order; milliseconds since 1970, as all times here. */
  readonly cleanSince?: number;
  /** Questions in a row that were not answered, or too slowly. */
  readonly failures: number;
  /** Probes in a row that found it ill. */
  readonly badProbes: number;
  /** Of its answers lately, milliseconds. */
  readonly latencyMs?: number;
  readonly hits: HitRate;
  readonly knownCallers: readonly KnownCaller[];
  readonly unknownCodes: readonly UnknownCode[];
  /** That have its zone; those of the last probe that found some. */
  readonly servers: readonly string[];
  readonly lastProbe?: { readonly at: number; readonly found: string };
  readonly lastCleanProbeAt?: number;
  /** When it had a vote and spoke ill; the last one last. */
  readonly windows: readonly BadWindow[];
}

export interface KnownCaller {
  readonly client: Ip;
  readonly at: number;
}

export interface UnknownCode {
  readonly code: string;
  readonly count: number;
  readonly lastAt: number;
}

/** `from`: when it was last known to be well. */
export interface BadWindow {
  readonly from: number;
  readonly until: number;
  readonly why: string;
}

export function newHealth(at: number): ListHealth {
  return {
    v: 1,
    state: "unproven",
    since: at,
    failures: 0,
    badProbes: 0,
    hits: NO_HITS,
    knownCallers: [],
    unknownCodes: [],
    servers: [],
    windows: [],
  };
}
