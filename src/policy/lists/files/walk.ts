/** Goes through all that a dataset says, in its own order: for whoever makes something else of it. */
import type { Range4 } from "./address4.ts";
import type { Words } from "./address6.ts";
import type { NameTable, Segments } from "./snapshot.ts";

export interface WalkedNames {
  readonly name: string;
  /** `EXCLUDED`: it is not listed, though a wildcard says so. */
  readonly answer: number;
}

export function* walk4({
  firsts,
  lasts,
  answers,
}: Segments): Generator<Range4 & { answer: number }> {
  for (const [row, answer] of answers.entries())
    yield { first: firsts[row] ?? 0, last: lasts[row] ?? 0, answer };
}

export function* walk6({ firsts, lasts, answers }: Segments): Generator<{
  readonly first: Words;
  readonly last: Words;
  readonly answer: number;
}> {
  for (const [row, answer] of answers.entries())
    yield { first: wordsAt(firsts, row), last: wordsAt(lasts, row), answer };
}

export function* walkNames({ offsets, octets, answers }: NameTable): Generator<WalkedNames> {
  const decoder = new TextDecoder();
  for (const [row, answer] of answers.entries())
    yield { name: decoder.decode(octets.slice(offsets[row], offsets[row + 1])), answer };
}

function wordsAt(words: Uint32Array, row: number): Words {
  const at = (i: number): number => words[row * 4 + i] ?? 0;
  return [at(0), at(1), at(2), at(3)];
}
