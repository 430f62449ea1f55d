/** A file that people write, with one entry a line. */

export interface EntryLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** The lines that say something: without comments, which `#` begins, and without the space around them. */
export function entryLines(file: string): readonly EntryLine[] {
  return file
    .split("\n")
    .map((line, i) => ({ number: i + 1, text: (line.split("#")[0] ?? "").trim() }))
    .filter(({ text }) => text !== "");
}
