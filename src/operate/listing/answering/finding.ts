/**
 * What a zone's sources say of somebody: codes, and whose texts; each once, in one object that is used for all. However a list came to hold
 * it: a block wider than a /16 of IPv4 or a /32 of IPv6 is not served, so that no mistake lists the world.
 */
import {
  compareAt,
  eachValue,
  EXCLUDED,
  findName,
  segmentOf,
  textAbout,
  type Dataset,
  type NameHit,
  type Segments,
} from "../../../policy/lists/files/index.ts";
import type { AddressName } from "./address-name.ts";
import type { Subject } from "./subject.ts";
import { isOverWideBlock, WIDEST } from "./widest.ts";
import { TEST_CODE, testPointOf, testText } from "./test-points.ts";
import type { PublishedZone, Source } from "./zone.ts";

/** Codes of one answer at most, and texts. */
const VALUES_LIMIT = 64;

/** The text is about the address, not about a name. */
const ADDRESS = -1;

export class Finding {
  readonly codes = new Uint32Array(VALUES_LIMIT);
  codeCount = 0;
  /** Values that may have a text. */
  #valueCount = 0;
  readonly #datasets: (Dataset | undefined)[] = Array.from({ length: VALUES_LIMIT });
  readonly #values = new Uint32Array(VALUES_LIMIT);
  /** Where in the name the one begins that a text is about; -1: it is about the address. */
  readonly #abouts = new Int16Array(VALUES_LIMIT);
  readonly #hit: NameHit = { answer: EXCLUDED, from: 0, wild: false };
  readonly #low = new Uint32Array(4);
  readonly #high = new Uint32Array(4);
  #dataset: Dataset | undefined;
  #about = ADDRESS;
  /** A text of the zone's own. */
  #own: string | undefined;

  get listed(): boolean {
    return this.codeCount + this.#valueCount > 0;
  }

  /** Of a name below the zone's own: what the sources say, but of its test points (RFC 5782 §5) nothing else than that they are listed, or are not. */
  below({ kind, origin, sources }: PublishedZone, subject: Subject): void {
    const test = testPointOf(kind, subject);
    if (test === "clear") this.#clear();
    else this.find(sources, kind, subject);
    if (test !== "listed" || this.listed) return;
    this.codes[0] = TEST_CODE;
    this.codeCount = 1;
    this.#own = testText(origin);
  }

  /** The first source that knows the subject says all that is said. */
  find(sources: readonly Source[], kind: "addresses" | "names", subject: Subject): void {
    this.#clear();
    const family = kind === "addresses" ? subject.address.family : 0;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      if (source !== undefined && this.#source(source, family, subject)) return;
    }
  }

  #source(source: Source, family: 0 | 4 | 6, subject: Subject): boolean {
    let known = false;
    for (let i = 0; i < source.length; i++) {
      const dataset = source[i];
      if (dataset === undefined) continue;
      if (family !== 0 && this.#address(dataset, subject.address)) known = true;
      // A list of names has addresses as they are asked for: 2.0.0.127 (rbldnsd(8), "dnset Dataset"); IPv6 has no such form.
      if (family !== 6 && this.#name(dataset, subject)) known = true;
    }
    return known;
  }

  /** Texts in their order, each once. */
  texts(subject: Subject): string[] {
    const texts = new Set<string>(this.#own === undefined ? [] : [this.#own]);
    for (let i = 0; i < this.#valueCount; i++) {
      const [dataset, about] = [this.#datasets[i], this.#abouts[i] ?? 0];
      if (dataset === undefined) continue;
      const text = textAbout(dataset, this.#values[i] ?? 0, aboutText(subject, about));
      if (text !== undefined) texts.add(text);
    }
    return [...texts];
  }

  #clear(): void {
    this.codeCount = 0;
    this.#valueCount = 0;
    this.#own = undefined;
  }

  #address(dataset: Dataset, address: AddressName): boolean {
    const segments = address.family === 4 ? dataset.v4 : dataset.v6;
    if (segments.answers.length === 0) return false;
    const row = segmentOf(segments, address.words);
    if (row < 0) return false;
    const answer = segments.answers[row] ?? EXCLUDED;
    if (answer !== EXCLUDED && this.#tooWide(segments, row, address.words)) return false;
    this.#take(dataset, answer, ADDRESS);
    return true;
  }

  #name(dataset: Dataset, { address, octets, length, plain }: Subject): boolean {
    const hit = this.#hit;
    if (!plain || !findName(dataset, octets, 0, length, hit)) return false;
    if (hit.wild && address.family === 4 && isOverWideBlock(octets, hit.from, length))
      return hit.answer === EXCLUDED;
    this.#take(dataset, hit.answer, hit.from);
    return true;
  }

  #take(dataset: Dataset, answer: number, about: number): void {
    this.#dataset = dataset;
    this.#about = about;
    eachValue(dataset.values, answer, this.#add);
  }

  readonly #add = (value: number): void => {
    const values = this.#dataset?.values;
    const code = values?.codes[value] ?? 0;
    if (code !== 0 && this.codeCount < VALUES_LIMIT && !this.#hasCode(code))
      this.codes[this.codeCount++] = code;
    if (this.#valueCount >= VALUES_LIMIT) return;
    this.#datasets[this.#valueCount] = this.#dataset;
    this.#values[this.#valueCount] = value;
    this.#abouts[this.#valueCount++] = this.#about;
  };

  #hasCode(code: number): boolean {
    for (let i = 0; i < this.codeCount; i++) if (this.codes[i] === code) return true;
    return false;
  }

  /** The whole block around the address that is one bit wider than the widest one says the same. */
  #tooWide({ width, firsts, lasts }: Segments, row: number, words: Uint32Array): boolean {
    const free = 2 ** (33 - (width === 1 ? WIDEST.v4 : WIDEST.v6)) - 1;
    this.#low.fill(0);
    this.#high.fill(0xffff_ffff);
    this.#low[0] = (words[0] ?? 0) & ~free;
    this.#high[0] = (words[0] ?? 0) | free;
    return (
      compareAt(firsts, row, width, this.#low) <= 0 && compareAt(lasts, row, width, this.#high) >= 0
    );
  }
}

function aboutText({ address, octets, length }: Subject, about: number): string {
  if (about === ADDRESS) return address.text();
  return String.fromCharCode(...octets.subarray(about, length));
}
