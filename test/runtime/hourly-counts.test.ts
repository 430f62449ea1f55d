/** So often in an hour for each key: room is used up, and comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HourlyCounts, ManualClock } from "../../src/runtime/index.ts";

const MINUTE_MS = 60_000;

test("a key has room until it was counted so often, and again when that has faded; another key has its own", () => {
  const clock = new ManualClock();
  const counts = new HourlyCounts<string>(10, clock);
  for (let i = 0; i < 2; i++) {
    assert.ok(counts.hasRoom("a", 2));
    counts.count("a");
  }
  assert.ok(!counts.hasRoom("a", 2));
  assert.ok(counts.hasRoom("a", 3));
  assert.ok(counts.hasRoom("b", 2));
  clock.advance(89 * MINUTE_MS);
  assert.ok(!counts.hasRoom("a", 2));
  clock.advance(MINUTE_MS);
  assert.ok(counts.hasRoom("a", 2));
});

test("beyond the number of keys the one counted longest ago is forgotten", () => {
  const counts = new HourlyCounts<string>(1, new ManualClock());
  counts.count("a");
  counts.count("b");
  assert.ok(counts.hasRoom("a", 1));
  assert.ok(!counts.hasRoom("b", 1));
});
