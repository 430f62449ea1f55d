/**
 * `npm run fuzz -- --cases N --seed N`: hunts for cases that break the engines. Prints the seed, so that the hunt
 * can be had again, and the rate; finds go to test/fuzz/corpus, where the fast suites replay them for ever.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeCase, problemOf, shrunk } from "./hunt.ts";
import { formatScenario } from "./scenario.ts";

const FINDS_LIMIT = 20;
const PROGRESS_MS = 5000;

const { values } = parseArgs({ options: { cases: { type: "string" }, seed: { type: "string" } } });
const cases = whole(values.cases ?? "1000000", "cases");
const seed = whole(values.seed ?? String(Date.now() % 2 ** 31), "seed");

say(`${cases} cases, seed ${seed}`);
const began = performance.now();
let shownAt = began;
let finds = 0;
for (let n = 0; n < cases && finds < FINDS_LIMIT; n++) {
  const scenario = makeCase(seed, n);
  const problem = await problemOf(scenario);
  if (problem !== undefined) await keep(n, problem);
  if (n % 256 === 0 && performance.now() - shownAt > PROGRESS_MS) progress(n);
}
say(`${cases} cases, seed ${seed}: ${rate(cases)} cases/s, ${finds} finds`);
process.exitCode = finds === 0 ? 0 : 1;

async function keep(n: number, problem: string): Promise<void> {
  finds++;
  const small = await shrunk(makeCase(seed, n));
  const text = formatScenario(
    small,
    `seed ${seed}, case ${n}\n${(await problemOf(small)) ?? problem}`,
  );
  const name = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const file = join(import.meta.dirname, "corpus", `found-${name}.txt`);
  writeFileSync(file, text);
  say(`case ${n} fails, kept as ${file}\n${text}`);
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
