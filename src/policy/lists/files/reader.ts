/** Asks a snapshot: what does it say about an address, about a name? One binary search for each table that could. */
import { isIpv6, type Ip } from "../../../mail/index.ts";
import { readPrefix4, text4 } from "./address4.ts";
import { readAddress6 } from "./address6.ts";
import { cursorOn } from "./cursor.ts";
import { eachValue, textAbout } from "./said.ts";
import { findName, segmentOf, type NameHit } from "./search.ts";
import { EXCLUDED, type Dataset, type ListSnapshot, type Segments } from "./snapshot.ts";

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
      if (words !== undefined) answer.add(dataset, answerOf(isIpv6(ip) ? v6 : v4, words), ip);
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

  add(dataset: Dataset, answer: number, subject: string): void {
    eachValue(dataset.values, answer, (value) => {
      const code = dataset.values.codes[value] ?? 0;
      if (code !== 0) this.#codes.add(text4(code));
      const text = textAbout(dataset, value, subject);
      if (text !== undefined) this.#texts.add(text);
    });
  }

  addName(dataset: Dataset, name: string): void {
    const octets = new TextEncoder().encode(name);
    const hit: NameHit = { answer: EXCLUDED, from: 0, wild: false };
    if (findName(dataset, octets, 0, octets.length, hit))
      this.add(dataset, hit.answer, name.slice(hit.from));
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

function answerOf(segments: Segments, words: readonly number[]): number {
  const row = segmentOf(segments, Uint32Array.from(words));
  return row < 0 ? EXCLUDED : (segments.answers[row] ?? EXCLUDED);
}
