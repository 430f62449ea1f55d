/** When free pages are given back: in silence nearly all, under load what is too much, and never in a hurry. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { silentLog } from "../../../src/runtime/index.ts";
import { Housekeeping } from "../../../src/store/sqlite/housekeeping.ts";
import type { Operation, OperationResult } from "../../../src/store/sqlite/operations.ts";

const SILENCE_KEEPS = 1024;
const LOAD_KEEPS = 8192;

/** Housekeeping over a writer with so many free pages, of which a step gives back 64. */
function keptHouse(t: TestContext, free: number) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const house = {
    free,
    now: 0,
    broken: false,
    /** When each step was asked for, and how many pages were to stay. */
    steps: [] as { at: number; keptPages: number }[],
    checkpoints: [] as number[],
    warnings: 0,
    /** Time passes, with a batch every so many milliseconds; never when it is 0. */
    async pass(ms: number, batchEveryMs: number): Promise<void> {
      for (const until = house.now + ms; house.now < until;) {
        house.now += 10;
        t.mock.timers.tick(10);
        await Promise.resolve().then(() => undefined);
        if (batchEveryMs > 0 && house.now % batchEveryMs === 0) housekeeping.batchWritten();
      }
    },
    stop: () => housekeeping.stop(),
  };
  const submit = async (operation: Operation): Promise<OperationResult> => {
    assert.ok(operation.kind === "vacuum");
    const { keptPages } = operation;
    house.steps.push({ at: house.now, keptPages });
    housekeeping.batchWritten(); // its own step is a batch too
    if (house.broken) throw new Error("disk full");
    if (house.free <= keptPages) return { kind: "done" };
    house.free -= Math.min(64, house.free - keptPages);
    return { kind: "more" };
  };
  const log = { ...silentLog, warn: () => void house.warnings++ };
  const housekeeping = new Housekeeping({ submit }, log, () => {
    house.checkpoints.push(house.now);
  });
  return house;
}

test("in silence all but a little is given back, step by step, and the log is copied when it is done", async (t) => {
  const house = keptHouse(t, SILENCE_KEEPS + 200);
  await house.pass(500, 100);
  await house.pass(20_900, 0);
  const silent = house.steps.filter(({ keptPages }) => keptPages === SILENCE_KEEPS);
  assert.deepEqual(
    silent.map(({ at }) => at),
    [5500, 5600, 5700, 5800, 5900],
  );
  assert.equal(house.free, SILENCE_KEEPS);
  assert.deepEqual(house.checkpoints, [5900]);
});

test("a batch breaks the silence, the steps themselves do not", async (t) => {
  const house = keptHouse(t, SILENCE_KEEPS + 200);
  await house.pass(4000, 2000);
  await house.pass(5150, 0); // two steps of it
  assert.equal(house.free, SILENCE_KEEPS + 200 - 2 * 64);
  await house.pass(10, 10);
  await house.pass(4900, 0);
  assert.equal(house.free, SILENCE_KEEPS + 200 - 2 * 64);
});

test("under load what is too much is given back all the same, four steps a second", async (t) => {
  const house = keptHouse(t, LOAD_KEEPS + 640);
  await house.pass(4000, 10);
  assert.ok(house.steps.every(({ keptPages }) => keptPages === LOAD_KEEPS));
  const times = house.steps.map(({ at }) => at);
  const expected = Array.from({ length: 11 }, (_, i) => 1010 + 250 * i); // the last one finds nothing to do
  assert.deepEqual(times, expected);
  assert.equal(house.free, LOAD_KEEPS);
  assert.deepEqual(house.checkpoints, [3510]);
});

test("under load with little free, it is looked at once a second and left for new mail", async (t) => {
  const house = keptHouse(t, LOAD_KEEPS);
  await house.pass(10_000, 10);
  assert.ok(house.steps.length <= 10);
  assert.equal(house.free, LOAD_KEEPS);
  assert.deepEqual(house.checkpoints, []);
});

test("a step that fails is told, and tried again after the next batch", async (t) => {
  const house = keptHouse(t, LOAD_KEEPS + 64);
  house.broken = true;
  await house.pass(3000, 10);
  assert.ok(house.warnings >= 2);
  house.broken = false;
  await house.pass(3000, 10);
  assert.equal(house.free, LOAD_KEEPS);
});

test("nothing is asked after the end", async (t) => {
  const house = keptHouse(t, 100_000);
  await house.pass(500, 10);
  house.stop();
  await house.pass(20_000, 100);
  assert.deepEqual(house.steps, []);
});
