/** When a network has passed, how long it is remembered, and what a clock that is set does to those who wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../../src/runtime/index.ts";
import { Greylisting } from "../../../src/service/receive/greylisting.ts";
import { MemoryGreylist } from "../../support/memory-greylist.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ATTEMPT = { network: "192.0.2.0/24", sender: "one.example", recipient: "ann@local.example" };

const SETTINGS = {
  enabled: true,
  below: "certificate",
  delay_seconds: 300,
  retry_hours: 24,
  passed_days: 36,
  attempts: 1000,
  networks: 1000,
} as const;

function setUp(store = new MemoryGreylist(), clock = new ManualClock()) {
  return { store, clock, greylisting: new Greylisting({ store, settings: SETTINGS, clock }) };
}

test("who comes again after the delay has passed, and with it the network", () => {
  const { clock, greylisting, store } = setUp();
  assert.equal(greylisting.below, "certificate");
  assert.equal(greylisting.delayMs, 300_000);
  assert.equal(greylisting.attempt(ATTEMPT), 0);
  clock.advance(299_999);
  assert.equal(greylisting.attempt(ATTEMPT), 299_999);
  assert.equal(greylisting.hasPassed(ATTEMPT.network), false);
  clock.advance(1);
  assert.equal(greylisting.attempt(ATTEMPT), 300_000);
  assert.equal(greylisting.hasPassed(ATTEMPT.network), true);
  assert.equal(store.passedAt(ATTEMPT.network), clock.now());
});

test("an attempt that nobody repeats in time begins anew", () => {
  const { clock, greylisting } = setUp();
  greylisting.attempt(ATTEMPT);
  clock.advance(DAY_MS + 1);
  assert.equal(greylisting.attempt(ATTEMPT), 0);
});

test("a clock that is set back lets nobody wait longer than the delay", () => {
  const { clock, greylisting } = setUp();
  greylisting.attempt(ATTEMPT);
  clock.jump(-DAY_MS);
  assert.equal(greylisting.attempt(ATTEMPT), 0);
  clock.advance(300_000);
  assert.equal(greylisting.attempt(ATTEMPT), 300_000);
});

test("a network is remembered from its last mail on, noted once an hour", () => {
  const { clock, greylisting, store } = setUp();
  store.notePassed(ATTEMPT.network, clock.now());
  clock.advance(HOUR_MS);
  assert.equal(greylisting.hasPassed(ATTEMPT.network), true);
  assert.equal(store.passes, 1);
  clock.advance(1);
  assert.equal(greylisting.hasPassed(ATTEMPT.network), true);
  assert.equal(store.passes, 2);
  for (let day = 0; day < 40; day++) {
    clock.advance(DAY_MS);
    assert.equal(greylisting.hasPassed(ATTEMPT.network), true);
  }
  clock.advance(36 * DAY_MS);
  assert.equal(greylisting.hasPassed(ATTEMPT.network), true);
  clock.advance(36 * DAY_MS + 1);
  assert.equal(greylisting.hasPassed(ATTEMPT.network), false);
});

test("what another node has noted counts", () => {
  const one = setUp();
  const other = setUp(one.store, one.clock);
  one.greylisting.attempt(ATTEMPT);
  one.clock.advance(300_000);
  assert.equal(other.greylisting.attempt(ATTEMPT), 300_000);
  assert.equal(one.greylisting.hasPassed(ATTEMPT.network), true);
});
