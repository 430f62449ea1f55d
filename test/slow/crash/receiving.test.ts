/** A message that was answered 250 survives the death of the server, once; whenever it dies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crashReceiving } from "./receiving.ts";

/** `npm run crash` does more of them. */
const ROUNDS = 50;

test(`${ROUNDS} rounds of kill -9 under load lose nothing and double nothing`, async () => {
  const report = await crashReceiving(ROUNDS, Math.random);
  assert.deepEqual(report.broken, []);
  assert.ok(report.answered > ROUNDS, `only ${report.answered} messages were answered: no load`);
  assert.ok(report.unanswered > 0, "no round was killed while a message was on its way");
});
