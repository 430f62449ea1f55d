/** Two hundred days of a server's life with a fresh seed: every promise is kept. `npm run simulate` lives longer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { live } from "./world.ts";

const DAYS = 200;

const seed = Date.now() % 2 ** 31;

test(`${DAYS} days (seed ${seed}): what was answered 250 ends in one place`, async () => {
  const { problems, counts, deaths } = await live(DAYS, seed);
  const again = `npm run simulate -- --days ${DAYS} --seed ${seed}`;
  assert.deepEqual(problems, [], again);
  assert.ok(deaths > 20, `the server died ${deaths} times only`);
  for (const [name, count] of Object.entries(counts))
    assert.ok(count > 0 || name === "twice", `nothing was ${name}: ${again}`);
});
