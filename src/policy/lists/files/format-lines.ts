/** A format: lines in, what they say out. */
import type { Dataset } from "./snapshot.ts";

export interface FormatLines {
  /** Lines so far that list or exclude something. */
  readonly entries: number;
  /** Without the blanks around it; it may be empty, or a comment. */
  line(text: string, number: number): void;
  end(): ParsedLines;
}

export interface ParsedLines {
  readonly datasets: readonly Dataset[];
  /** Milliseconds since 1970. */
  readonly made: number | undefined;
  readonly expires: number | undefined;
  /** Why the file as a whole counts for nothing. */
  readonly refusal: string | undefined;
}
