/** A hunt with a fresh seed, and everything that a hunt has ever found. `npm run fuzz` hunts for longer. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeCase, problemOf } from "../fuzz/hunt.ts";
import { formatScenario, parseScenario } from "../fuzz/scenario.ts";

const CASES = 60_000;

const seed = Date.now() % 2 ** 31;

/** Before any test begins: the runner watches every promise from then on, and here are millions. */
const find = await hunt();

/** The first case that fails, in words. */
async function hunt(): Promise<string | undefined> {
  for (let n = 0; n < CASES; n++) {
    const scenario = makeCase(seed, n);
    const problem = await problemOf(scenario);
    if (problem !== undefined)
      return formatScenario(scenario, `seed ${seed}, case ${n}\n${problem}`);
  }
  return undefined;
}

test(`${CASES} conversations with the engines and their desks keep every promise (seed ${seed})`, () => {
  if (find !== undefined) assert.fail(find);
});

for (const file of globSync(join(import.meta.dirname, "../fuzz/corpus/*.txt")).toSorted())
  test(`corpus: ${file.slice(import.meta.dirname.length - 4)}`, async () => {
    assert.equal(await problemOf(parseScenario(readFileSync(file, "utf8"))), undefined);
  });
