/**
 * Reads a list's file: octets in, chunk by chunk; in the end a snapshot, or why there is none, and what was wrong with which line.
 * Linear in time. What it holds are the entries themselves, up to a limit, and one line.
 */
import { guessFormat, linesOf, type ListFormat } from "./format.ts";
import type { FormatLines } from "./format-lines.ts";
import { LINE_LIMIT, Lines } from "./lines.ts";
import { Problems, type ListProblem } from "./problems.ts";
import type { ListSnapshot } from "./snapshot.ts";

export interface ParsedList {
  readonly format: ListFormat;
  /** Undefined: the file as a whole counts for nothing, see `refusal`. */
  readonly snapshot: ListSnapshot | undefined;
  readonly refusal: string | undefined;
  /** The first ones. */
  readonly problems: readonly ListProblem[];
  readonly problemCount: number;
}

/** Entries of one file. */
export const ENTRIES_LIMIT = 10_000_000;

/** By so many lines it is guessed what a file is. */
const GUESS_LINES = 200;

export class ListParser {
  readonly #problems = new Problems();
  readonly #lines = new Lines({
    line: (text, number) => this.#take(text, number),
    tooLong: (number) => this.#problems.add(number, `more than ${LINE_LIMIT} characters`),
  });
  readonly #entriesLimit: number;
  #format: ListFormat = "cidr";
  #into: FormatLines | undefined;
  /** Lines that wait until it is known what they are. */
  #waiting: { readonly text: string; readonly number: number }[] = [];
  #refusal: string | undefined;

  constructor(format: ListFormat | "auto", entriesLimit = ENTRIES_LIMIT) {
    this.#entriesLimit = entriesLimit;
    if (format !== "auto") this.#begin(format);
  }

  push(octets: Uint8Array): void {
    if (this.#refusal === undefined) this.#lines.push(octets);
  }

  end(): ParsedList {
    if (this.#refusal === undefined) this.#lines.end();
    if (this.#into === undefined) this.#guess();
    const lines = this.#into;
    const parsed = this.#refusal === undefined ? lines?.end() : undefined;
    const refusal = this.#refusal ?? parsed?.refusal;
    const { kept, count } = this.#problems;
    const snapshot =
      parsed === undefined || refusal !== undefined
        ? undefined
        : {
            datasets: parsed.datasets,
            entries: lines?.entries ?? 0,
            made: parsed.made,
            expires: parsed.expires,
          };
    return { format: this.#format, snapshot, refusal, problems: kept, problemCount: count };
  }

  #take(text: string, number: number): void {
    if (this.#refusal !== undefined) return;
    if (CONTROL.test(text)) {
      this.#problems.add(number, "there is a control octet in it");
      return;
    }
    if (this.#into === undefined) {
      if (COMMENT.test(text)) return;
      this.#waiting.push({ text, number });
      if (this.#waiting.length >= GUESS_LINES) this.#guess();
      return;
    }
    this.#into.line(text, number);
    if (this.#into.entries > this.#entriesLimit)
      this.#refusal = `line ${number}: more than ${this.#entriesLimit} entries`;
  }

  #guess(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const guess = guessFormat(waiting.map(({ text }) => text));
    if (typeof guess !== "string") {
      this.#refusal = `what format it is in cannot be told: ${guess.unknown}; expected a setting that says it`;
      return;
    }
    this.#begin(guess);
    for (const { text, number } of waiting) this.#take(text, number);
  }

  #begin(format: ListFormat): void {
    this.#format = format;
    this.#into = linesOf(format, this.#problems);
  }
}

/** Tells nothing. */
const COMMENT = /^(?:$|[#;](?!\$))/;

/** A tab is none. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
