/**
 * The names of a zone as an ordinary server has them, by transfer or from a file: which owners there must be, so that it answers as we do. A wildcard of the DNS does
 * not reach below a name that exists (RFC 4592 §2.2.1), ours do: so each name below a wildcard, and each one above it, gets the wildcard's
 * records, and a wildcard of its own.
 */
import {
  findName,
  nameRow,
  type Dataset,
  type NameTable,
} from "../../../policy/lists/files/index.ts";
import { isOverWideBlock } from "./widest.ts";
import type { Source } from "./zone.ts";

export class TransferNames {
  readonly #datasets: readonly Dataset[];
  readonly #hasWild: boolean;
  /** Names of which it is known what has to be there because of them. */
  readonly #seen = new Set<string>();
  readonly #encoder = new TextEncoder();

  constructor(sources: readonly Source[]) {
    this.#datasets = sources.flat();
    this.#hasWild = this.#datasets.some(({ wild }) => wild.answers.length > 0);
  }

  /** Whether a table has the name itself. */
  hasExact(name: string): boolean {
    return this.#tableWith("exact", name) >= 0;
  }

  /** All names, `*.` in front of those that stand for others. */
  *owners(): Generator<string> {
    for (const [i, { exact, wild }] of this.#datasets.entries()) {
      for (const name of namesOf(exact))
        if (name !== "" && this.#tableWith("exact", name) === i) yield* this.with(name);
      for (const name of namesOf(wild))
        if (this.#tableWith("wild", name) === i) yield* this.with(`*.${name}`);
    }
  }

  /** An owner, and what has to be there because it is. No wildcard that stands for more addresses than are served. */
  *with(owner: string): Generator<string> {
    for (const one of this.#with(owner)) if (!this.#isTooWide(one)) yield one;
  }

  *#with(owner: string): Generator<string> {
    yield owner;
    if (!this.#hasWild) return;
    const first = owner.startsWith("*.") ? above(owner) : owner;
    for (let name = first; name !== ""; name = above(name)) {
      if (this.#seen.has(name)) continue;
      this.#seen.add(name);
      if (name !== owner && !this.hasExact(name) && this.#isBelowWild(name)) yield name;
      const star = `*.${name}`;
      if (this.#tableWith("wild", name) < 0 && this.#isBelowWild(star)) yield star;
    }
  }

  #isTooWide(owner: string): boolean {
    if (!owner.startsWith("*.")) return false;
    const octets = this.#encoder.encode(owner);
    return isOverWideBlock(octets, 2, octets.length);
  }

  #isBelowWild(name: string): boolean {
    const octets = this.#encoder.encode(name);
    const hit = { answer: 0, from: 0, wild: false };
    return this.#datasets.some(
      (dataset) =>
        findName(dataset, octets, 0, octets.length, hit) &&
        hit.wild &&
        !isOverWideBlock(octets, hit.from, octets.length),
    );
  }

  /** The first dataset whose table has it; -1: none. */
  #tableWith(which: "exact" | "wild", name: string): number {
    const octets = this.#encoder.encode(name);
    return this.#datasets.findIndex((dataset) => nameRow(dataset[which], octets, 0, octets.length) >= 0); // prettier-ignore
  }
}

function above(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1);
}

function* namesOf({ octets, offsets, answers }: NameTable): Generator<string> {
  const decoder = new TextDecoder("latin1");
  for (let row = 0; row < answers.length; row++)
    yield decoder.decode(octets.slice(offsets[row], offsets[row + 1]));
}
