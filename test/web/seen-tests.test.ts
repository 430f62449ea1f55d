/** Tests are read one at a time, once for all who look, and not for more than can wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../src/runtime/index.ts";
import { SeenTests } from "../../src/web/seen-tests.ts";
import type { SeenView } from "../../src/web/listed-view.ts";

const VIEW: SeenView = { tested: [], cases: [], more: 0, mending: [] };

test("who looks at the same test at the same time, or soon after, sees what was read once", async () => {
  const clock = new ManualClock();
  const tests = new SeenTests(clock);
  let reads = 0;
  const read = () => Promise.resolve({ ...VIEW, more: ++reads });
  const more = async () => {
    const seen = await tests.see("a", read);
    return typeof seen === "string" ? seen : seen.more;
  };
  assert.deepEqual(await Promise.all([more(), more()]), [1, 1]);
  clock.advance(29_999);
  assert.equal(await more(), 1);
  clock.advance(1);
  assert.equal(await more(), 2);
});

test("one is read at once; too many do not wait", async () => {
  const tests = new SeenTests(new ManualClock());
  const going: ((view: SeenView) => void)[] = [];
  const read = () => new Promise<SeenView>((resolve) => going.push(resolve));
  const seen = Array.from({ length: 22 }, (_, i) => tests.see(`${i}`, read));
  assert.equal(await seen[21], "too many ask");
  assert.equal(going.length, 1);
  for (let i = 0; i < 21; i++) {
    going[i]?.(VIEW);
    assert.equal(await seen[i], VIEW);
  }
});

test("what is kept no longer, or could not be read", async () => {
  const tests = new SeenTests(new ManualClock());
  assert.equal(await tests.see("a", () => Promise.resolve(undefined)), "kept no longer");
  await assert.rejects(tests.see("b", () => Promise.reject(new Error("the store is gone"))));
  assert.equal(await tests.see("b", () => Promise.resolve(VIEW)), VIEW);
});

test("so many are remembered, the oldest forgotten first", async () => {
  const tests = new SeenTests(new ManualClock());
  let reads = 0;
  const read = () => Promise.resolve({ ...VIEW, more: ++reads });
  for (let i = 0; i < 33; i++) await tests.see(`${i}`, read);
  await tests.see("32", read);
  await tests.see("1", read);
  assert.equal(reads, 33);
  await tests.see("0", read);
  assert.equal(reads, 34);
});
