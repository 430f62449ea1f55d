/** Which message gives way when there are as many as may be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../../src/runtime/index.ts";
import { Bodies, type Body } from "../../../src/service/receive/bodies.ts";

class Coming implements Body {
  octets = 0;
  isWhole = false;
  gaveWay = 0;

  giveWay(): void {
    this.gaveWay++;
  }
}

/** Three that have just begun, where three may be. */
function three(): { clock: ManualClock; bodies: Bodies; all: [Coming, Coming, Coming] } {
  const clock = new ManualClock();
  const bodies = new Bodies(clock);
  const all: [Coming, Coming, Coming] = [new Coming(), new Coming(), new Coming()];
  for (const body of all) {
    assert.ok(bodies.makeRoom(3));
    bodies.enter(body);
  }
  return { clock, bodies, all };
}

test("the slowest gives way, once there has been time to see who is slow", () => {
  const { clock, bodies, all } = three();
  clock.advance(9_999);
  assert.equal(bodies.makeRoom(3), false);
  clock.advance(1);
  [all[0].octets, all[1].octets, all[2].octets] = [5000, 10, 4000];
  assert.equal(bodies.makeRoom(3), true);
  assert.deepEqual(
    all.map(({ gaveWay }) => gaveWay),
    [0, 1, 0],
  );
  assert.equal(bodies.total, 2);
  bodies.leave(all[1]);
  assert.equal(bodies.total, 2);
});

test("nobody gives way who comes at a pace, or is there already", () => {
  const { clock, bodies, all } = three();
  clock.advance(100_000);
  for (const body of all) body.octets = 102_400;
  all[2].octets = 0;
  all[2].isWhole = true;
  assert.equal(bodies.makeRoom(3), false);
  all[1].octets--;
  assert.equal(bodies.makeRoom(3), true);
  assert.equal(all[1].gaveWay, 1);
});

test("nobody gives way while there is room", () => {
  const { clock, bodies, all } = three();
  clock.advance(100_000);
  bodies.leave(all[0]);
  assert.equal(bodies.makeRoom(3), true);
  assert.deepEqual(
    all.map(({ gaveWay }) => gaveWay),
    [0, 0, 0],
  );
});
