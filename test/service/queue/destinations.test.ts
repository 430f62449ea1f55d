/** What is learned of destinations: how much each bears, and for how long it rests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../../src/runtime/index.ts";
import { Destinations } from "../../../src/service/queue/destinations.ts";
import { SCHEDULE } from "../../../src/service/queue/index.ts";
import { DEAD, LATER, MINUTE, NEVER, OK } from "./house.ts";

const MOST = 20;
const ONE = "one.example";

class Pupil {
  readonly clock = new ManualClock();
  readonly destinations = new Destinations(this.clock);

  learn(outcomes: readonly (typeof OK)[], unreachable = false): void {
    this.clock.advance(1);
    const began = this.clock.elapsed();
    this.clock.advance(1);
    const ended = { attempt: { outcomes, unreachable }, began };
    this.destinations.learn(ONE, ended, SCHEDULE, MOST);
  }

  get limit(): number {
    return this.destinations.limit(ONE, MOST);
  }
}

test("the limit grows by one with what went well, also with refusals, to the most; all deferred halves it", () => {
  const pupil = new Pupil();
  assert.equal(pupil.limit, 2);
  pupil.learn([OK]);
  pupil.learn([NEVER, LATER]);
  assert.equal(pupil.limit, 4);
  for (let i = 0; i < 30; i++) pupil.learn([OK]);
  assert.equal(pupil.limit, MOST);
  pupil.learn([LATER, LATER]);
  assert.equal(pupil.limit, 10);
  for (let i = 0; i < 9; i++) pupil.learn([LATER]);
  assert.equal(pupil.limit, 1);
  assert.equal(pupil.destinations.limit("other.example", 1), 1);
});

test("it rests for 5, 15, 30 and then 60 minutes, and not after it was reached again", () => {
  const pupil = new Pupil();
  for (const minutes of [5, 15, 30, 60, 60, 60]) {
    pupil.learn([DEAD], true);
    assert.equal(pupil.limit, 1);
    pupil.clock.advance(minutes * MINUTE - 1);
    assert.ok(pupil.destinations.rest(ONE) !== undefined, `it rests for less than ${minutes}`);
    pupil.clock.advance(1);
    assert.equal(pupil.destinations.rest(ONE), undefined, `it rests for more than ${minutes}`);
  }
  pupil.learn([OK]);
  pupil.learn([DEAD], true);
  pupil.clock.advance(5 * MINUTE);
  assert.equal(pupil.destinations.rest(ONE), undefined);
});

test("what failed for good is no rest for others; a clock that was set back makes none longer", () => {
  const pupil = new Pupil();
  pupil.learn([NEVER], true);
  assert.equal(pupil.destinations.rest(ONE), undefined);
  pupil.learn([DEAD], true);
  pupil.clock.jump(-24 * 60 * MINUTE);
  pupil.clock.advance(5 * MINUTE);
  assert.equal(pupil.destinations.rest(ONE), undefined);
  pupil.learn([DEAD], true);
  assert.ok(pupil.destinations.rest(ONE) !== undefined, "it has unlearned to rest");
});

test("who shares the outcome is told why, and is not in doubt", () => {
  const pupil = new Pupil();
  pupil.learn([{ ...DEAD, inDoubt: true }], true);
  const { outcome } = pupil.destinations.rest(ONE) ?? assert.fail();
  assert.equal(outcome.inDoubt, undefined);
  assert.equal(outcome.status.enhanced, DEAD.status.enhanced);
  assert.match(outcome.status.reason ?? "", /found unreachable at 2026-01-01T/);
});

test("ten thousand are remembered, those that were heard of last", () => {
  const pupil = new Pupil();
  const ended = { attempt: { outcomes: [DEAD], unreachable: true }, began: pupil.clock.elapsed() };
  for (let i = 0; i < 10_001; i++) pupil.destinations.learn(`d${i}.example`, ended, SCHEDULE, MOST);
  assert.equal(pupil.destinations.rest("d0.example"), undefined);
  assert.ok(pupil.destinations.rest("d1.example") !== undefined);
});
