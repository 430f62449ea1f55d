/** How many there were lately: what is older fades, what comes beyond the number of keys makes room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SlidingCounts, waitMs } from "../../src/runtime/index.ts";

const WINDOW_MS = 1000;

function counts(keys = 10): SlidingCounts<string> {
  return new SlidingCounts({ keys, windowMs: WINDOW_MS });
}

function waitOf(from: SlidingCounts<string>, key: string, most: number, now: number): number {
  return waitMs(from.counted(key, now), most, WINDOW_MS);
}

function addMany(to: SlidingCounts<string>, count: number, now: number): void {
  for (let i = 0; i < count; i++) to.add("a", now);
}

test("nothing has to wait where there is room, whatever the limit", () => {
  const some = counts();
  addMany(some, 4, 0);
  for (const most of [4, 5, Infinity]) assert.equal(waitOf(some, "a", most, 0), 0);
  assert.equal(waitOf(some, "b", 0, 0), 0);
});

test("what was counted in one stretch fades evenly over the next", () => {
  const some = counts();
  addMany(some, 4, 0);
  assert.equal(waitOf(some, "a", 3, 0), 1250);
  assert.equal(waitOf(some, "a", 3, 1000), 250);
  assert.equal(waitOf(some, "a", 3, 1249), 1);
  assert.equal(waitOf(some, "a", 3, 1250), 0);
  assert.equal(waitOf(some, "a", 0, 100), 1900);
  assert.equal(waitOf(some, "a", 0, 2000), 0);
});

test("what is added then counts beside it", () => {
  const some = counts();
  addMany(some, 4, 0);
  addMany(some, 2, 1500);
  assert.equal(waitOf(some, "a", 4, 1500), 0);
  assert.equal(waitOf(some, "a", 3, 1500), 250);
  assert.equal(waitOf(some, "a", 1, 1500), 1000, "half of the two has faded by then");
});

test("whatever is added at the limit, there are never more than twice as many in a window", () => {
  const some = counts();
  const taken: number[] = [];
  for (let now = 0; now < 20 * WINDOW_MS; now += 7) {
    if (waitOf(some, "a", 9, now) > 0) continue;
    some.add("a", now);
    taken.push(now);
  }
  for (const end of taken) {
    const within = taken.filter((at) => at <= end && at > end - WINDOW_MS);
    assert.ok(within.length <= 20, `${within.length} up to ${end}`);
  }
  assert.ok(taken.length >= 180, `${taken.length}: it lets through what the limit allows`);
});

test("when it says that there is room, there is", () => {
  for (const [before, present] of [
    [7, 3],
    [3, 7],
    [0, 9],
    [9, 0],
  ] as const) {
    const some = counts();
    addMany(some, before, 0);
    addMany(some, present, 1300);
    for (const most of [0, 1, 2, 5, 8]) {
      const at = 1300 + Math.ceil(waitOf(some, "a", most, 1300));
      assert.equal(waitOf(some, "a", most, at), 0, `${before} ${present} ${most}`);
    }
  }
});

test("of more keys than there is room for, the one counted longest ago is forgotten", () => {
  const some = counts(2);
  for (const key of ["a", "b", "a", "c"]) some.add(key, 0);
  assert.ok(waitOf(some, "a", 1, 0) > 0);
  assert.equal(waitOf(some, "b", 0, 0), 0);
  assert.ok(waitOf(some, "c", 0, 0) > 0);
});
