/**
 * The entries of one zone, kept so that one that changes costs little, and what they say as a snapshot that is searched like a list's file
 * (policy/lists/files). Of blocks within each other the smallest counts; the name itself counts before all that is said of names above it.
 */
import { AnswerSets, cursorOn, readBlock4, ValueNumbers, type Dataset } from "../../policy/lists/files/index.ts"; // prettier-ignore
import type { PublishedEntry } from "../../store/index.ts";
import type { ListingZone } from "./settings.ts";
import { readSubject } from "./subject.ts";
import { EntryBlocks } from "./entry-blocks.ts";
import { EntryNames } from "./entry-names.ts";
import { NOTHING } from "./no-entry.ts";

/** What an entry says where it says nothing else. */
export type ZoneAnswer = Pick<ListingZone, "code" | "text">;

/** What is said of a subject from now on; without a reason: it is no entry any more. */
export type EntryChange = Pick<PublishedEntry, "subject" | "code"> & { readonly reason?: string };

/** Values that no entry has any more may be as many as those that one has, and so many more. */
const SPARE_VALUES = 10_000;

export class ZoneEntries {
  readonly #answer: ZoneAnswer;
  readonly #values = new ValueNumbers();
  readonly #codes = new Map<string, number>();
  readonly #v4 = new EntryBlocks(1);
  readonly #v6 = new EntryBlocks(4);
  readonly #exact = new EntryNames();
  readonly #wild = new EntryNames();

  constructor(answer: ZoneAnswer) {
    this.#answer = answer;
  }

  /** Of several changes of one subject the last one counts. */
  change({ subject: text, code = this.#answer.code, reason }: EntryChange): void {
    const subject = readSubject(text);
    const value = reason === undefined ? NOTHING : this.#values.numberOf(this.#code(code), reason);
    switch (subject.kind) {
      case "v4":
        return this.#v4.set([subject.block.first], subject.block.bits, value);
      case "v6":
        return this.#v6.set(subject.block.first, subject.block.bits, value);
      case "name":
        return (subject.wild ? this.#wild : this.#exact).set(subject.name, value);
    }
  }

  /** With all changes so far. */
  dataset(): Dataset {
    for (const rows of [this.#v4, this.#v6, this.#exact, this.#wild]) rows.settle();
    const sets = new AnswerSets(this.#values.length);
    return {
      subzones: [""],
      v4: this.#v4.segments(sets),
      v6: this.#v6.segments(sets),
      exact: this.#exact.table,
      wild: this.#wild.table,
      values: this.#values.finish(sets),
      substitutions: { variables: NO_VARIABLES, base: this.#answer.text },
    };
  }

  /** So much is kept of entries that were that it is better begun anew. */
  get isWorn(): boolean {
    const names = this.#exact.table.answers.length + this.#wild.table.answers.length;
    return this.#values.length > 2 * (this.#v4.count + this.#v6.count + names) + SPARE_VALUES;
  }

  #code(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const read = readBlock4(cursorOn(text));
    if (typeof read === "string") throw new Error(`${text}: ${read}`); // what is kept was checked
    this.#codes.set(text, read.address);
    return read.address;
  }
}

/** `$0` to `$9` are a file's. */
const NO_VARIABLES = Array.from({ length: 10 }, () => undefined);
