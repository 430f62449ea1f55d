/**
 * rbldnsd's files (rbldnsd(8)): specials, comments, and the lines of one dataset, or, in a combined file, of several, each for some
 * subzones. What makes rbldnsd refuse a whole file makes us refuse it too.
 */
import { parseName } from "../../../protocol/dns/index.ts";
import { ip4set, ip4trie, ip4tset, ip6trie, ip6tset } from "./address-lines.ts";
import { DatasetBuilder } from "./builder.ts";
import { cursorOn, rest, word } from "./cursor.ts";
import type { DatasetLines, LineReader } from "./dataset-lines.ts";
import type { FormatLines, ParsedLines } from "./format-lines.ts";
import { dnset, generic } from "./name-lines.ts";
import { quoted, type Problems } from "./problems.ts";
import type { Dataset } from "./snapshot.ts";
import { specialIn, Specials } from "./specials.ts";

/** What a dataset can be made of. */
export const DATASETS: ReadonlyMap<string, LineReader> = new Map([
  ["ip4set", ip4set],
  ["ip4trie", ip4trie],
  ["ip4tset", ip4tset],
  ["ip6trie", ip6trie],
  ["ip6tset", ip6tset],
  ["dnset", dnset],
  ["generic", generic],
]);

/** The dataset whose lines come. */
interface Open {
  readonly lines: DatasetLines;
  readonly builder: DatasetBuilder;
  readonly specials: Specials;
  readonly subzones: readonly string[];
}

export class RbldnsdLines implements FormatLines {
  readonly #problems: Problems;
  readonly #combined: boolean;
  /** Of all lines in front of the first dataset. */
  readonly #outer = new Specials();
  readonly #all: Specials[] = [this.#outer];
  readonly #datasets: Dataset[] = [];
  #open: Open | undefined;
  /** The lines of a dataset without subzones are passed over. */
  #ignoring = false;
  #entries = 0;
  #refusal: string | undefined;

  /** Of one kind of dataset; undefined: a combined file. */
  constructor(reader: LineReader | undefined, problems: Problems) {
    this.#problems = problems;
    this.#combined = reader === undefined;
    if (reader !== undefined) this.#begin(reader, this.#outer, [""]);
  }

  get entries(): number {
    return this.#entries;
  }

  line(text: string, number: number): void {
    if (this.#refusal !== undefined) return;
    const special = specialIn(text);
    if (special !== undefined) this.#special(special, number);
    else if (text !== "" && !text.startsWith("#") && !text.startsWith(";"))
      this.#entry(text, number);
  }

  end(): ParsedLines {
    this.#close();
    const expiries = this.#all.flatMap(({ expires }) => expires ?? []);
    const stamps = this.#all.flatMap(({ made }) => made ?? []);
    return {
      datasets: this.#datasets,
      made: stamps.length === 0 ? undefined : Math.max(...stamps),
      expires: expiries.length === 0 ? undefined : Math.min(...expiries),
      refusal: this.#refusal,
    };
  }

  #special(text: string, number: number): void {
    const cursor = cursorOn(text);
    if (this.#combined && word(cursor).toUpperCase() === "DATASET")
      return this.#dataset(rest(cursor), number);
    if (this.#ignoring) return undefined;
    const problem = (this.#open?.specials ?? this.#outer).take(text);
    if (problem !== undefined) this.#problems.add(number, `${quoted(`$${text}`)}: ${problem}`);
  }

  #entry(text: string, number: number): void {
    if (this.#ignoring) return;
    if (this.#open === undefined) {
      this.#refuse(number, `${quoted(text)} stands before any $DATASET`);
      return;
    }
    const result = this.#open.lines.line(text);
    if (result === "entry") this.#entries++;
    else if (result !== "rule") this.#problems.add(number, result.bad);
  }

  #dataset(text: string, number: number): void {
    this.#close();
    const cursor = cursorOn(text);
    const [type = ""] = word(cursor).toLowerCase().split(":");
    const reader = DATASETS.get(type);
    if (reader === undefined) {
      this.#refuse(number, `there is no dataset ${quoted(type)} in a combined file; expected one of ${[...DATASETS.keys()].join(", ")}`); // prettier-ignore
      return;
    }
    const written = rest(cursor).split(/[ \t]+/).filter((name) => name !== ""); // prettier-ignore
    const subzones = written.map((name) => (name === "@" ? "" : parseName(name)));
    this.#ignoring = written.length === 0;
    if (this.#ignoring)
      this.#problems.add(number, "a dataset without subzones is passed over; expected their names, or @"); // prettier-ignore
    const wrong = subzones.indexOf(undefined);
    if (wrong >= 0) this.#refuse(number, `${quoted(written[wrong] ?? "")} is no name of a subzone`);
    else if (!this.#ignoring) {
      const specials = new Specials(this.#outer);
      this.#all.push(specials);
      this.#begin(reader, specials, subzones.filter((name) => name !== undefined)); // prettier-ignore
    }
  }

  #begin(reader: LineReader, specials: Specials, subzones: readonly string[]): void {
    const builder = new DatasetBuilder();
    this.#open = { lines: reader(builder, specials), builder, specials, subzones };
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { lines, builder, specials, subzones } = this.#open;
    this.#open = undefined;
    lines.end();
    const substitutions = lines.fills ? specials.substitutions() : undefined;
    let leftOut = 0;
    this.#datasets.push(
      builder.finish({ ties: lines.ties, subzones, substitutions, leftOut: () => leftOut++ }),
    );
    if (leftOut > 0) this.#problems.add(0, `${leftOut} entries are left out: too many others list the same`); // prettier-ignore
  }

  #refuse(number: number, reason: string): void {
    this.#refusal = `line ${number}: ${reason}`;
  }
}
