/** What there is to say of a test beside its cases: how each endpoint was, what was not tried, and the grade as it was then; as plain data. */
import type { Domain } from "../../mail/index.ts";
import type { Grade } from "./grade.ts";
import type { Visited } from "./visit.ts";

/** By what messages come back. */
export interface WayBack {
  /** In words: "the sink on 192.0.2.9:25". */
  readonly name: string;
  /** How long is waited for messages that were taken, in milliseconds. */
  readonly waitMs: number;
  /** Why it may bring nothing back, in words. */
  readonly doubts?: readonly string[];
}

export interface Found {
  /** The tester's domain. */
  readonly foreign: Domain;
  readonly wayBack?: WayBack;
  /** What came back later is not in it. */
  readonly grade: Grade;
  /** What was not tested at all, in words. */
  readonly unfinished: readonly string[];
  readonly visits: readonly KeptVisit[];
}

/** A visit without its cases. */
export interface KeptVisit extends Omit<Visited, "plan" | "tried"> {
  /** Vectors that were not tried, by the reason. */
  readonly untried: readonly (readonly [string, readonly string[]])[];
}

export function keptVisit({ endpoint, look, plan, gaveUp, busy, slowestMs }: Visited): KeptVisit {
  return {
    endpoint,
    look,
    untried: [...plan.untried],
    ...(gaveUp !== undefined && { gaveUp }),
    busy,
    slowestMs,
  };
}

export function visitedAgain({ untried, ...rest }: KeptVisit, tried: Visited["tried"]): Visited {
  return { ...rest, plan: { cases: [], untried: new Map(untried) }, tried };
}
