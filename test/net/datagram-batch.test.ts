/** Many datagrams in one call, with a system that a test plays: what it does not take, and what it says wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchCalls } from "../../src/net/batch-calls.ts";
import { BATCH, DatagramBatch } from "../../src/net/datagram-batch.ts";

/** `received`: datagrams, of no octets; `takes`: what each call to send says. */
function batch(received: number, takes: readonly number[]) {
  const left = [...takes];
  const sent: number[] = [];
  const calls = {
    pointerTo: () => 0n,
    recvmmsg: () => received,
    sendmmsg: (_socket: number, _headers: bigint, count: number) => {
      sent.push(count);
      return left.shift() ?? count;
    },
  } as unknown as BatchCalls; // nothing else of it is called
  return { made: new DatagramBatch(calls, 3), sent };
}

function leftOf(made: DatagramBatch): string[] {
  const left: string[] = [];
  made.send((i, answer) => left.push(`${i} ${Buffer.from(answer).toString()}`));
  return left;
}

test("what the system does not take is left, and what is behind it is tried again", () => {
  const { made, sent } = batch(5, [2, -1, 1]);
  assert.equal(made.receive(), 5);
  for (let i = 0; i < 5; i++) made.answer(i, Buffer.from(`answer ${i}`));
  assert.deepEqual(leftOf(made), ["2 answer 2", "3 answer 3"]);
  assert.deepEqual(sent, [5, 2, 1]); // the system stops at the first that it does not take
});

test("silence is not sent, and an answer not twice", () => {
  const { made, sent } = batch(5, []);
  made.receive();
  for (const i of [0, 1, 4]) made.answer(i, Buffer.from("answer"));
  assert.deepEqual(leftOf(made), []);
  assert.deepEqual(sent, [2, 1]);
  made.receive();
  assert.deepEqual(leftOf(made), []);
  assert.deepEqual(sent, [2, 1]);
});

test("where nothing comes there is nothing", () => {
  const { made, sent } = batch(-1, []);
  assert.equal(made.receive(), 0);
  assert.deepEqual(leftOf(made), []);
  assert.deepEqual(sent, []);
});

test("a batch is full of answers at most", () => {
  const { made, sent } = batch(BATCH, []);
  made.receive();
  for (let i = 0; i < BATCH; i++) made.answer(i, Buffer.from("answer"));
  assert.deepEqual(leftOf(made), []);
  assert.deepEqual(sent, [BATCH]);
});
