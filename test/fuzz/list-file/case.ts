/** One case of a list's file: octets, and what holds whatever they are. */
import assert from "node:assert/strict";
import {
  CODES_LIMIT,
  fileAnswer,
  LIST_FORMATS,
  ListParser,
  ListReader,
  type ListFormat,
  type ListSnapshot,
  type ParsedList,
} from "../../../src/policy/lists/index.ts";
import { Dice } from "../dice.ts";
import type { Scenario } from "../scenario.ts";
import { damagedFile } from "./damage.ts";
import { makeFile, subjectOf } from "./made-file.ts";

const FORMATS: readonly (ListFormat | "auto")[] = ["auto", ...LIST_FORMATS];

const ENTRIES = 12;

/** Kept of what was wrong (problems.ts). */
const PROBLEMS_LIMIT = 20;

export function makeListFile(seed: number): Scenario {
  const dice = new Dice(seed);
  const settings = dice.below(FORMATS.length);
  const format = FORMATS[dice.chance(80) ? settings : dice.below(FORMATS.length)] ?? "auto";
  const made = makeFile(format === "auto" ? dice.pick(LIST_FORMATS) : format, ENTRIES, dice);
  const octets = damagedFile(new TextEncoder().encode(made.text), dice);
  return { protocol: "list-file", settings, mood: dice.next(), happenings: [octets] };
}

/** Throws when anything is not as it must be. */
export function tryListFile({ settings, mood, happenings }: Scenario): void {
  const octets = happenings.flatMap((one) => (typeof one === "string" ? [] : [...one]));
  const file = Uint8Array.from(octets);
  const format = FORMATS[settings % FORMATS.length] ?? "auto";
  const parsed = parse(format, [file]);
  assert.deepEqual(parse(format, cutUp(file, new Dice(mood))), parsed, "the same in any pieces");
  assert.ok(parsed.problems.length <= Math.min(PROBLEMS_LIMIT, parsed.problemCount));
  assert.equal(parsed.snapshot === undefined, parsed.refusal !== undefined);
  if (parsed.snapshot === undefined) return;
  isSound(parsed.snapshot);
  answersAreSound(parsed.snapshot, new TextDecoder().decode(file));
}

function parse(format: ListFormat | "auto", pieces: readonly Uint8Array[]): ParsedList {
  const parser = new ListParser(format);
  for (const piece of pieces) parser.push(piece);
  return parser.end();
}

function cutUp(file: Uint8Array, dice: Dice): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const to = at + 1 + dice.below(dice.pick([1, 7, 300]));
    pieces.push(file.subarray(at, to));
    at = to;
  }
  return pieces;
}

function isSound({ datasets, entries }: ListSnapshot): void {
  assert.ok(entries >= 0);
  for (const { v4, v6, exact, wild, values } of datasets) {
    for (const { width, firsts, lasts, answers } of [v4, v6]) {
      assert.equal(firsts.length, answers.length * width);
      const at = (row: Uint32Array, i: number): bigint =>
        row.subarray(i * width, (i + 1) * width).reduce((sum, word) => (sum << 32n) + BigInt(word), 0n); // prettier-ignore
      for (let i = 0; i < answers.length; i++) {
        assert.ok(at(firsts, i) <= at(lasts, i), "a segment ends behind its beginning");
        if (i > 0) assert.ok(at(lasts, i - 1) < at(firsts, i), "segments do not overlap");
      }
    }
    for (const { hashes, offsets, octets, answers } of [exact, wild]) {
      assert.equal(offsets.length, answers.length + 1);
      assert.equal(offsets.at(-1) ?? 0, octets.length);
      assert.ok(hashes.every((hash, i) => i === 0 || hash >= (hashes[i - 1] ?? 0)));
    }
    assert.equal(values.codes.length, values.texts.length);
  }
}

/** Whoever is written in the file, and some who are not. */
function answersAreSound(snapshot: ListSnapshot, text: string): void {
  const reader = new ListReader(snapshot);
  const written = text.split(/[^0-9A-Za-z:.-]+/).slice(0, 60);
  for (const word of ["127.0.0.1", "::1", "example", "0.0.0.0", "255.255.255.255", ...written]) {
    const subject = subjectOf(word.replace(/^\.|:$/, ""));
    if (subject === undefined) continue;
    const answer = fileAnswer(reader, subject);
    if (answer.kind !== "codes") {
      assert.equal(answer.kind, "clear");
      continue;
    }
    assert.ok(answer.codes.length > 0 && answer.codes.length <= CODES_LIMIT);
    assert.ok((answer.text ?? "").length <= 200);
    assert.match(answer.text ?? "", /^[ -~]*$/);
  }
}
