/** Asks a snapshot: what does it say about an address, about a name? One binary search for each table that could. */
import { isIpv6, type Ip } from "../../../mail/index.ts";
import { readPrefix4, text4 } from "./address4.ts";
import { readAddress6 } from "./address6.ts";
import { cursorOn } from "./cursor.ts";
import { hashOf } from "./name-order.ts";
import {
  EXCLUDED,
  type Dataset,
  type ListSnapshot,
  type NameTable,
  type Segments,
} from "./snapshot.ts";
import { cut, fill } from "./template.ts";

/** What is listed. */
export interface FileAnswer {
  /** IPv4 addresses; none where the file has a text only, which lists nothing. */
  readonly codes: readonly string[];
  readonly texts: readonly string[];
}

export class ListReader {
  readonly #datasets: readonly Dataset[];

  /** Of a file with subzones one of them; "": the list itself. */
  constructor(snapshot: ListSnapshot, subzone = "") {
    this.#datasets = snapshot.datasets.filter(({ subzones }) => subzones.includes(subzone));
  }

  /** Undefined: not listed. */
  address(ip: Ip): FileAnswer | undefined {
    const answer = new Gathered();
    const words = isIpv6(ip) ? readAddress6(ip) : read4(ip);
    const reversed = isIpv6(ip) ? undefined : ip.split(".").toReversed().join(".");
    for (const dataset of this.#datasets) {
      const { v4, v6 } = dataset;
      if (words !== undefined) answer.add(dataset, findSegment(isIpv6(ip) ? v6 : v4, words), ip);
      // A list of names has addresses as they are asked for: 2.0.0.127 (rbldnsd(8), "dnset Dataset").
      if (reversed !== undefined) answer.addName(dataset, reversed);
    }
    return answer.whole();
  }

  /** A name of the DNS in lower case, without a dot at its end; "": the list's own. Undefined: not listed. */
  name(name: string): FileAnswer | undefined {
    const answer = new Gathered();
    for (const dataset of this.#datasets) answer.addName(dataset, name);
    return answer.whole();
  }
}

/** What the datasets say, each thing once. */
class Gathered {
  readonly #codes = new Set<string>();
  readonly #texts = new Set<string>();

  add({ values, substitutions }: Dataset, answer: number, subject: string): void {
    if (answer === EXCLUDED) return;
    const set = answer - values.codes.length;
    const members =
      set < 0 ? [answer] : values.members.subarray(values.sets[set], values.sets[set + 1]);
    for (const value of members) {
      const code = values.codes[value] ?? 0;
      if (code !== 0) this.#codes.add(text4(code));
      const text = textOf(values, values.texts[value] ?? 0);
      const filled =
        substitutions === undefined ? text && cut(text) : fill(text, subject, substitutions);
      if (filled !== undefined) this.#texts.add(filled);
    }
  }

  /** The name itself counts before any wildcard, and the longest wildcard before others. */
  addName(dataset: Dataset, name: string): void {
    const exact = findName(dataset.exact, name);
    if (exact !== undefined) return this.add(dataset, exact, name);
    if (dataset.wild.answers.length === 0) return undefined;
    for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
      const above = name.slice(dot + 1);
      const wild = findName(dataset.wild, above);
      if (wild !== undefined) return this.add(dataset, wild, above);
    }
  }

  whole(): FileAnswer | undefined {
    if (this.#codes.size + this.#texts.size === 0) return undefined;
    return { codes: [...this.#codes], texts: [...this.#texts] };
  }
}

function read4(ip: Ip): readonly number[] | undefined {
  const prefix = readPrefix4(cursorOn(ip));
  return prefix === undefined ? undefined : [prefix.address];
}

/** The answer of the segment that holds the address. */
function findSegment(segments: Segments, words: readonly number[]): number {
  const { width, firsts, lasts, answers } = segments;
  let [low, high] = [0, answers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareTo(firsts, middle * width, words) > 0) high = middle;
    else low = middle + 1;
  }
  const row = low - 1; // the last one that begins at the address or before it
  if (row < 0 || compareTo(lasts, row * width, words) < 0) return EXCLUDED;
  return answers[row] ?? EXCLUDED;
}

function compareTo(row: Uint32Array, at: number, words: readonly number[]): number {
  for (const [i, word] of words.entries()) {
    const difference = (row[at + i] ?? 0) - word;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The name's answer; undefined when it is not in the table. */
function findName(table: NameTable, name: string): number | undefined {
  const hash = hashOf(name);
  let [low, high] = [0, table.answers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = (table.hashes[middle] ?? 0) - hash || compareName(table, middle, name);
    if (order === 0) return table.answers[middle];
    if (order > 0) high = middle;
    else low = middle + 1;
  }
  return undefined;
}

function compareName({ offsets, octets }: NameTable, row: number, name: string): number {
  const from = offsets[row] ?? 0;
  const length = (offsets[row + 1] ?? 0) - from;
  for (let i = 0; i < length && i < name.length; i++) {
    const difference = (octets[from + i] ?? 0) - name.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return length - name.length;
}

function textOf({ textOffsets, textOctets }: Dataset["values"], text: number): string | undefined {
  if (text === 0) return undefined;
  return new TextDecoder().decode(textOctets.subarray(textOffsets[text - 1], textOffsets[text]));
}
