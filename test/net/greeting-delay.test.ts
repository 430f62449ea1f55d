/** The moment before the greeting. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { greetingDelay } from "../../src/net/index.ts";

test("without a delay the network is still read once before the greeting", async () => {
  const order: string[] = [];
  greetingDelay(0)(() => order.push("greeting"));
  order.push("same turn");
  await new Promise<void>((resolve) => setImmediate(() => resolve(void order.push("next turn"))));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(order, ["same turn", "next turn", "greeting"]);
});

test("a delay is as long as it says", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let greeted = 0;
  greetingDelay(250)(() => greeted++);
  t.mock.timers.tick(249);
  assert.equal(greeted, 0);
  t.mock.timers.tick(1);
  assert.equal(greeted, 1);
});

test("a delay for somebody who has gone is given up", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let greeted = 0;
  const stop = greetingDelay(250)(() => greeted++);
  stop();
  t.mock.timers.tick(1000);
  assert.equal(greeted, 0);
});
