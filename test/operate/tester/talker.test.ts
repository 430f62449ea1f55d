/** Replies are heard within their time, however they drip, and what is kept of them is bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arrival, Connection } from "../../../src/operate/relaytest/index.ts";
import { Talker, TRANSCRIPT_LIMIT } from "../../../src/operate/tester/talker.ts";
import { ManualClock } from "../../../src/runtime/index.ts";

/** Says the same again and again, each time after so many milliseconds. */
function dripping(octets: string, everyMs: number) {
  const clock = new ManualClock();
  const connection: Connection = {
    write() {},
    read: (withinMs = 0): Promise<Arrival> => {
      clock.advance(Math.min(withinMs, everyMs));
      const arrival: Arrival =
        everyMs <= withinMs ? { kind: "octets", octets } : { kind: "silence" };
      return Promise.resolve(arrival);
    },
    startTls: () => Promise.resolve(true),
    close() {},
  };
  return { talker: new Talker(connection, clock), clock };
}

test("a reply that drips for ever is silence when its time is over", async () => {
  const { talker, clock } = dripping("220-x\r\n", 9000);
  assert.equal((await talker.hear()).kind, "silence");
  assert.equal(clock.elapsed(), 60_000);
  assert.equal(talker.over, true);
});

test("a flood of replies is rubbish, and little of it is kept", async () => {
  const { talker } = dripping(`250 ${"x".repeat(2000)}\r\n`, 0);
  let heard = 0;
  while ((await talker.hear()).kind === "reply") heard++;
  assert.ok(heard < 600, `${heard} replies`);
  const kept = JSON.stringify(talker.takeTranscript()).length;
  assert.ok(kept < 2 * TRANSCRIPT_LIMIT, `${kept} octets`);
});

test("silence counts as the slowest reply, but not where none need come", async () => {
  const { talker } = dripping("", Infinity);
  assert.equal((await talker.hear(10_000)).kind, "silence");
  assert.equal(talker.slowestMs, 0);
  assert.equal((await talker.hear()).kind, "silence");
  assert.equal(talker.slowestMs, 60_000);
});
