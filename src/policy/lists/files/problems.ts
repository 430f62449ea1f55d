/**
 * What was wrong with a list's file: where, and why. The first ones are kept, the rest counted, so that a file of nothing
 * but bad lines costs no more memory than a good one.
 */
import { visible } from "../../../mail/index.ts";

export interface ListProblem {
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly reason: string;
}

/** How many are kept. */
export const PROBLEMS_LIMIT = 20;

/** Of what stands in a line, so many characters are shown. */
const SHOWN_LIMIT = 40;

export class Problems {
  readonly kept: ListProblem[] = [];
  #count = 0;

  /** Of all that were found. */
  get count(): number {
    return this.#count;
  }

  add(line: number, reason: string): void {
    this.#count++;
    if (this.kept.length < PROBLEMS_LIMIT) this.kept.push({ line, reason });
  }
}

/** What stands in the file, in quotes, short and without controls. */
export function quoted(text: string): string {
  const shown = text.length > SHOWN_LIMIT ? `${text.slice(0, SHOWN_LIMIT)}…` : text;
  return `"${visible(shown)}"`;
}
