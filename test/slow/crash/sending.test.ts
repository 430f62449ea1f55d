/**
 * A letter that was answered 250 reaches each of its recipients, or its sender hears why not; whenever the server dies.
 * Nobody gets it twice but where nobody could know.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crashSending } from "./sending.ts";

/** `npm run crash` does more of them. */
const ROUNDS = 50;

test(`${ROUNDS} rounds of kill -9 between submission and delivery lose nothing and double nothing unseen`, async () => {
  const report = await crashSending(ROUNDS, Math.random);
  assert.deepEqual(report.broken, []);
  assert.ok(report.answered > ROUNDS / 2, `only ${report.answered} letters were answered: no load`);
  assert.ok(report.unanswered > 0, "no round was killed while a letter was handed in");
  assert.ok(report.inDoubt > 0, "no round was killed while a letter was sent");
  assert.ok(report.reported > 0, "nothing was refused");
});
