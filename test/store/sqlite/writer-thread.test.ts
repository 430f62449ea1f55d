/** The calling thread's end of the writer: batches, order, and what becomes of everybody when the thread dies. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { silentLog } from "../../../src/runtime/index.ts";
import type { Operation } from "../../../src/store/sqlite/operations.ts";
import { WriterThread } from "../../../src/store/sqlite/writer-thread.ts";

/** Answers each batch with how many operations it held, as one failure for each of them. */
const COUNTING = `
  const { parentPort } = require("node:worker_threads");
  parentPort.on("message", (message) => {
    if (message === null) return parentPort.close();
    const operations = JSON.parse(message.operations);
    const words = operations.length + ": " + operations.map((one) => one.body).join(" ");
    const outcomes = operations.map(() => ({ kind: "failed", words }));
    parentPort.postMessage({ outcomes: JSON.stringify(outcomes), walPages: operations.length });
  });`;

/** Dies of its second batch. */
const DYING = `
  const { parentPort } = require("node:worker_threads");
  let batches = 0;
  parentPort.on("message", (message) => {
    if (message === null) return parentPort.close();
    if (++batches === 2) throw new Error("struck by lightning");
    const outcomes = JSON.parse(message.operations).map(() => ({ kind: "result", result: { kind: "done" } }));
    parentPort.postMessage({ outcomes: JSON.stringify(outcomes), walPages: 0 });
  });`;

const LEAVING = `process.exit(3)`;
const BROKEN = `throw new Error("no database here")`;

function writerOf(t: TestContext, source: string, pages: number[] = []) {
  let starts = 0;
  const start = () => {
    starts++;
    return new Worker(source, { eval: true });
  };
  const onBatch = (walPages: number) => pages.push(walPages);
  const writer = new WriterThread({ start, log: silentLog, onBatch });
  t.after(() => writer.end());
  return { writer, starts: () => starts };
}

function abandon(body: number): Operation {
  return { kind: "abandon", body };
}

/** What the writer said to each: the words of a failure, or the kind of a result. */
async function wordsOf(all: readonly Promise<{ readonly kind: string }>[]): Promise<string[]> {
  const results = await Promise.allSettled(all);
  return results.map((result) =>
    result.status === "fulfilled" ? result.value.kind : String(result.reason),
  );
}

test("all that waits goes in one batch, in order, and what comes meanwhile in the next", async (t) => {
  const { writer } = writerOf(t, COUNTING);
  const first = [1, 2, 3].map((body) => writer.submit(abandon(body)));
  const second = Promise.race(first).catch(() =>
    wordsOf([4, 5].map((body) => writer.submit(abandon(body)))),
  );
  assert.deepEqual(await wordsOf(first), Array(3).fill("StoreError: 3: 1 2 3"));
  assert.deepEqual(await second, Array(2).fill("StoreError: 2: 4 5"));
});

test("a batch has at most 1000 operations", async (t) => {
  const pages: number[] = [];
  const { writer } = writerOf(t, COUNTING, pages);
  await wordsOf(Array.from({ length: 2500 }, (_, body) => writer.submit(abandon(body))));
  assert.deepEqual(pages, [1000, 1000, 500]);
});

test("a batch takes no more operations after 16 MiB", async (t) => {
  const pages: number[] = [];
  const { writer } = writerOf(t, COUNTING, pages);
  const part: Operation = { kind: "part", body: 1, start: 0 };
  const octets = 6 * 1024 * 1024;
  await wordsOf(Array.from({ length: 4 }, () => writer.submit(part, [new ArrayBuffer(octets)])));
  assert.deepEqual(pages, [3, 1]);
});

test("what is in no hurry goes along with the next batch, made at that moment", async (t) => {
  const { writer } = writerOf(t, COUNTING);
  let body = 7;
  const later = writer.submitUnhurried(() => abandon(body));
  body = 8;
  const now = writer.submit(abandon(1));
  assert.deepEqual(await wordsOf([now, later]), Array(2).fill("StoreError: 2: 1 8"));
});

test("what is in no hurry goes when it is asked to", async (t) => {
  const { writer } = writerOf(t, COUNTING);
  const later = writer.submitUnhurried(() => abandon(1));
  writer.hurry();
  assert.deepEqual(await wordsOf([later]), ["StoreError: 1: 1"]);
});

test("no batch is made while somebody works alone, and afterwards one is", async (t) => {
  const { writer } = writerOf(t, COUNTING);
  let made = 0;
  const make = () => {
    made++;
    return abandon(1);
  };
  const { during, before } = await writer.alone(async () => {
    const result = wordsOf([writer.submitUnhurried(make)]);
    writer.hurry();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    return { during: result, before: made };
  });
  assert.equal(before, 0);
  assert.deepEqual(await during, ["StoreError: 1: 1"]);
});

test("who works alone waits for the batch under way, and for who came before", async (t) => {
  const pages: number[] = [];
  const { writer } = writerOf(t, COUNTING, pages);
  const order: string[] = [];
  const batch = wordsOf([writer.submit(abandon(1))]);
  await nextTurn();
  await nextTurn(); // it is on its way now
  const first = writer.alone(async () => {
    order.push(`first after ${pages.length} batches`);
    await nextTurn();
    order.push("first ends");
  });
  const second = writer.alone(() => Promise.resolve(order.push("second")));
  await Promise.all([batch, first, second]);
  assert.deepEqual(order, ["first after 1 batches", "first ends", "second"]);
});

test("work alone that throws lets the others go on", async (t) => {
  const { writer } = writerOf(t, COUNTING);
  const failing = writer.alone(() => Promise.reject(new RangeError("a bug")));
  await assert.rejects(failing, RangeError);
  assert.deepEqual(await wordsOf([writer.submit(abandon(1))]), ["StoreError: 1: 1"]);
});

test("the thread is not started before there is something to write", async (t) => {
  const { writer, starts } = writerOf(t, COUNTING);
  await writer.alone(() => Promise.resolve());
  await writer.finish();
  assert.equal(starts(), 0);
});

test("when the thread dies, all that is outstanding and all that comes later is refused in words", async (t) => {
  const { writer, starts } = writerOf(t, DYING);
  assert.deepEqual(await wordsOf([writer.submit(abandon(1))]), ["done"]);
  const outstanding = [2, 3].map((body) => writer.submit(abandon(body)));
  const later = writer.submitUnhurried(() => abandon(4));
  const words = "StoreError: the store's writer thread died: struck by lightning";
  assert.deepEqual(await wordsOf([...outstanding, later]), Array(3).fill(words));
  assert.deepEqual(await wordsOf([writer.submit(abandon(5))]), [words]);
  assert.deepEqual(await wordsOf([writer.submitUnhurried(() => abandon(6))]), [words]);
  assert.equal(starts(), 1);
  await writer.finish(); // and nobody waits for a dead thread
});

for (const [title, source, words] of [
  ["cannot begin", BROKEN, /writer thread died: no database here/],
  ["leaves", LEAVING, /writer thread died: it ended with code 3/],
] as const)
  test(`when the thread ${title}, nobody waits for ever`, async (t) => {
    const { writer } = writerOf(t, source);
    await assert.rejects(writer.submit(abandon(1)), { name: "StoreError", message: words });
    await writer.finish();
  });
