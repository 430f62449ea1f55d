/** The bell: a ring is never lost, whether anybody waits or not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Bell } from "../../../src/service/queue/bell.ts";
import { ManualTimer } from "../../support/manual-timer.ts";

async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.finally(() => (over = true));
  await nextTurn();
  return over;
}

test("a wait ends at a ring or when its time is over, and leaves no alarm", async () => {
  const timer = new ManualTimer();
  const bell = new Bell(timer);
  const first = bell.wait(1000);
  assert.equal(await isOver(first), false);
  bell.ring();
  assert.equal(await isOver(first), true);
  const second = bell.wait(1000);
  timer.advance(999);
  assert.equal(await isOver(second), false);
  timer.advance(1);
  assert.equal(await isOver(second), true);
  assert.equal(timer.pending, 0);
});

test("a ring that nobody waited for ends the next wait, and only that", async () => {
  const bell = new Bell(new ManualTimer());
  bell.ring();
  bell.ring();
  assert.equal(await isOver(bell.wait(1000)), true);
  assert.equal(await isOver(bell.wait(1000)), false);
});
