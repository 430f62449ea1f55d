/** Time, chance and counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  errorText,
  ManualClock,
  systemClock,
  systemRandom,
  Tally,
} from "../../src/runtime/index.ts";

test("a tally counts for each key and in all, and forgets who holds nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean())), (moves) => {
      const tally = new Tally<string>();
      const held = new Map<string, number>();
      for (const [key, more] of moves) {
        const count = held.get(key) ?? 0;
        if (!more && count === 0) {
          assert.throws(() => tally.remove(key), RangeError);
          continue;
        }
        if (more) tally.add(key);
        else tally.remove(key);
        held.set(key, more ? count + 1 : count - 1);
      }
      for (const key of ["a", "b", "c"]) assert.equal(tally.of(key), held.get(key) ?? 0);
      assert.equal(
        tally.total,
        [...held.values()].reduce((sum, count) => sum + count, 0),
      );
    }),
  );
});

test("a key that holds nothing any more takes no room", (t) => {
  const forgotten = t.mock.method(Map.prototype, "delete");
  const tally = new Tally<string>();
  tally.add("a");
  tally.add("a");
  tally.remove("a");
  assert.equal(forgotten.mock.callCount(), 0);
  tally.remove("a");
  assert.deepEqual(forgotten.mock.calls[0]?.arguments, ["a"]);
});

test("random octets are never handed out twice, and keep their count and their own array", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const octets = systemRandom.octets(12);
    assert.equal(octets.length, 12);
    assert.equal(octets.buffer.byteLength, 12);
    seen.add(octets.join());
    octets.fill(0);
  }
  assert.equal(seen.size, 2000);
  assert.equal(systemRandom.octets(0).length, 0);
  assert.equal(systemRandom.octets(10_000).length, 10_000);
  assert.ok(systemRandom.octets(10_000).some((octet) => octet !== 0));
});

test("a manual clock stands until it is told otherwise", () => {
  const clock = new ManualClock(1000);
  assert.deepEqual([clock.now(), clock.elapsed()], [1000, 0]);
  clock.advance(5);
  assert.deepEqual([clock.now(), clock.elapsed()], [1005, 5]);
});

test("the system's clock is the time of day, and a time that never goes back", () => {
  const [day, before] = [Date.now(), systemClock.elapsed()];
  assert.ok(systemClock.now() >= day);
  assert.ok(systemClock.elapsed() >= before);
});

test("an exception in one line of text, whatever was thrown", () => {
  assert.equal(errorText(new Error("disk full")), "disk full");
  assert.equal(errorText("a word"), "a word");
  assert.equal(errorText(undefined), "undefined");
});
