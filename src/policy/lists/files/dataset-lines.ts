/** What every format does with its lines, one after the other. */
import type { Ties } from "./active-values.ts";
import type { DatasetBuilder } from "./builder.ts";

/** The entries of one dataset. */
export interface DatasetLines {
  readonly ties: Ties;
  /** Whether "$" in its texts stands for something. */
  readonly fills: boolean;
  /** Takes a line that is neither empty nor a comment. "entry": it lists or excludes something; "rule": it says something about others; otherwise why it is bad. */
  line(text: string): LineResult;
  /** There are no more. */
  end(): void;
}

export type LineResult = "entry" | "rule" | { readonly bad: string };

export function bad(reason: string): LineResult {
  return { bad: reason };
}

/** How one kind of dataset reads its lines. */
export type LineReader = (builder: DatasetBuilder, limits: EntryLimits) => DatasetLines;

export interface EntryLimits {
  /** Addresses of an entry in IPv4; undefined: any number. */
  readonly maxRange4: number | undefined;
}
