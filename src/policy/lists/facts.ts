/**
 * What the lists said of somebody, raw and JSON-safe, as the journal keeps it. What it means and weighs is not in it: that is the
 * settings', and they may be others when it is judged again.
 */
import type { AskedAs } from "./list.ts";
import type { HealthState } from "./watch.ts";

export type ListFacts = {
  /** All but those that said no. */
  readonly answers: readonly ListFact[];
  /** "client Spamhaus ZEN": in which part and by which list nothing was said against anybody. */
  readonly clear: readonly string[];
  /** Answers beyond the limit. */
  readonly leftOut?: number;
};

/** One list about one subject. */
export type ListFact = {
  /** The list's name. */
  readonly list: string;
  readonly as: AskedAs;
  readonly subject: string;
  /** What came back, whether it counts or not. */
  readonly codes?: readonly string[];
  /** Its reason, printable. */
  readonly text?: string;
  /** Why there are no codes. */
  readonly error?: string;
  /** Of the list; absent where it is well. */
  readonly health?: Exclude<HealthState, "well">;
  /** Of a hit: minutes since the list had this network first, and others that it has been asked about since. */
  readonly sinceMinutes?: number;
  readonly others?: number;
};

/** Answers that are kept. */
export const FACTS_LIMIT = 40;

/** By which it is known later that a list was asked about a part and had nothing to say. */
export function clearKey(as: AskedAs, list: string): string {
  return `${as} ${list}`;
}
