/** Different things under a key, within their time and their number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DistinctCounts } from "../../src/runtime/index.ts";

const LIMITS = { keys: 3, things: 4, lifetimeMs: 1000 };

test("the same thing again is no more", () => {
  const counts = new DistinctCounts<number, number>(LIMITS);
  for (let i = 0; i < 10; i++) counts.add(1, 7, i);
  assert.equal(counts.count(1, 10), 1);
  counts.add(1, 8, 10);
  assert.deepEqual([counts.count(1, 10), counts.count(2, 10)], [2, 0]);
});

test("a thing is forgotten when it was not seen for its lifetime", () => {
  const counts = new DistinctCounts<number, number>(LIMITS);
  counts.add(1, 7, 0);
  counts.add(1, 8, 500);
  counts.add(1, 7, 900);
  assert.equal(counts.count(1, 1499), 2);
  assert.equal(counts.count(1, 1500), 1);
  assert.equal(counts.count(1, 1900), 0);
});

test("the key that was touched longest ago is forgotten for a new one", () => {
  const counts = new DistinctCounts<number, number>(LIMITS);
  for (const key of [1, 2, 3, 1, 4]) counts.add(key, 7, 0);
  assert.deepEqual(
    [1, 2, 3, 4].map((key) => counts.count(key, 0)),
    [1, 0, 1, 1],
  );
});

test("counts what a list of all that happened would, up to its limit", () => {
  const happening = fc.record({ thing: fc.nat(6), after: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(happening), (happenings) => {
      const counts = new DistinctCounts<number, number>(LIMITS);
      const seen = new Map<number, number>();
      let now = 0;
      for (const { thing, after } of happenings) {
        now += after;
        counts.add(1, thing, now);
        seen.set(thing, now);
        const alive = [...seen.values()].filter((at) => now - at < LIMITS.lifetimeMs).length;
        assert.equal(counts.count(1, now), Math.min(alive, LIMITS.things));
      }
    }),
  );
});
