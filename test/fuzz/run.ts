/**
 * `npm run fuzz -- --cases N --seed N --kind K`: hunts for cases that break the engines and their services; of one kind, or
 * of all in turn. Prints the seed, so that the hunt can be had again, and the rate; finds go to test/fuzz/corpus, from where
 * `npm test` replays them for ever.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeCase, problemOf, shrunk, TURNS } from "./hunt.ts";
import { formatScenario, protocolOf } from "./scenario.ts";

const FINDS_LIMIT = 20;
const PROGRESS_MS = 5000;

/** Before the names of our files in a stack; where they lie is nobody's business. */
const ROOT = new URL("../../", import.meta.url).href;

const value = { type: "string" } as const;
const { values } = parseArgs({ options: { cases: value, seed: value, kind: value } });
const cases = whole(values.cases ?? "1000000", "cases");
const seed = whole(values.seed ?? String(Date.now() % 2 ** 31), "seed");
const kinds = values.kind === undefined ? TURNS : [protocolOf(values.kind)];

say(`${cases} cases, seed ${seed}`);
const began = performance.now();
let shownAt = began;
let finds = 0;
for (let n = 0; n < cases && finds < FINDS_LIMIT; n++) {
  const scenario = makeCase(seed, n, kinds);
  const problem = await problemOf(scenario);
  if (problem !== undefined) await keep(n, problem);
  if (n % 256 === 0 && performance.now() - shownAt > PROGRESS_MS) progress(n);
}
say(`${cases} cases, seed ${seed}: ${rate(cases)} cases/s, ${finds} finds`);
process.exitCode = finds === 0 ? 0 : 1;

async function keep(n: number, problem: string): Promise<void> {
  finds++;
  const small = await shrunk(makeCase(seed, n, kinds));
  const found = (await problemOf(small)) ?? problem;
  const words = `seed ${seed}, case ${n}\n${found.replaceAll(ROOT, "")}`;
  const kept = formatScenario(small, words);
  const name = createHash("sha256").update(kept).digest("hex").slice(0, 12);
  const file = join(import.meta.dirname, "corpus", `found-${name}.txt`);
  writeFileSync(file, kept);
  say(`case ${n} fails, kept as ${file}\n${kept}`);
}

function progress(n: number): void {
  shownAt = performance.now();
  say(`${n} cases, ${rate(n)} cases/s`);
}

function rate(done: number): number {
  return Math.round((1000 * done) / (performance.now() - began));
}

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} ${text}: no number`);
  return number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
