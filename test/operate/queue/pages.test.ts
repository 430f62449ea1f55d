/** All rows, whatever the pages are like that a store gives; and the largest next hops of many. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { status } from "../../../src/mail/index.ts";
import { actOnAll, everyRow, FirstRows, wholeShape } from "../../../src/operate/queue/index.ts";
import type { Queue, QueuePage, QueueRow, Store } from "../../../src/store/index.ts";
import * as q from "../../contract/queue-site.ts";
import { openSite } from "../../contract/site.ts";
import { sqliteEngine } from "../../contract/sqlite-engine.ts";
import { idOf, queueRow } from "./rows.ts";

/** A store that finds nothing on its first page, and then one row a page, whatever the limit. */
class Sparse implements Pick<Queue, "list" | "act"> {
  readonly rows: readonly QueueRow[];
  readonly limits: number[] = [];

  constructor(rows: number) {
    this.rows = Array.from({ length: rows }, (_, i) => queueRow({ id: idOf(i + 1) }));
  }

  async list(_: object, { after, limit }: QueuePage) {
    this.limits.push(limit);
    const found =
      after === undefined ? [] : this.rows.filter(({ id }) => id > after.id).slice(0, 1);
    const last = found.at(-1)?.id ?? idOf(0);
    return last === this.rows.length
      ? { rows: found }
      : { rows: found, next: { acceptedAt: 0, id: last } };
  }

  async act(_action: string, _at: number, filter: object, page: QueuePage) {
    const { rows, next } = await this.list(filter, page);
    return { changed: rows.length, ...(next !== undefined && { next }) };
  }
}

test("every row is found, also behind empty pages", async () => {
  const queue = new Sparse(3);
  const rows = await Array.fromAsync(everyRow(queue, {}));
  assert.deepEqual(rows, queue.rows);
});

test("the first rows are as many as were asked for, and it is known whether there are more", async () => {
  const queue = new Sparse(3);
  for (const limit of [1, 2, 3, 4]) {
    const first = new FirstRows(queue, {}, limit);
    assert.deepEqual(await Array.fromAsync(first), queue.rows.slice(0, limit));
    assert.equal(first.more, limit < 3);
  }
  assert.ok(
    queue.limits.every((limit) => limit <= 5),
    "no more is read than is shown, and one",
  );
});

test("an action goes over all pages and adds up what they changed", async () => {
  assert.equal(await actOnAll(new Sparse(3), "hold", 0, {}), 3);
});

/** Messages to d0.example, d1.example and so on; as many to each as its number says. */
async function open(t: TestContext, destinations: number): Promise<Store> {
  const { store } = await openSite(t, sqliteEngine);
  for (let i = 0; i < destinations; i++) {
    const many = Array.from({ length: i + 1 }, (_, n) => `u${n}@d${i}.example`);
    await q.send(store, many, { acceptedAt: q.T - (i % 2 === 0 ? 60_000 : 5 * 3_600_000) });
  }
  return store;
}

test("the shape has all in its total, and the largest next hops first", async (t) => {
  const store = await open(t, 7);
  const { destinations, rows, byAge, largest } = await wholeShape(store.queue, q.T, 2);
  assert.deepEqual(
    { destinations, rows, byAge },
    { destinations: 7, rows: 28, byAge: [16, 0, 0, 12, 0, 0, 0] },
  );
  assert.deepEqual(
    largest.map((one) => [one.destination, one.rows, "last" in one]),
    [
      ["d6.example", 7, false],
      ["d5.example", 6, false],
    ],
  );
});

test("a next hop is shown with what was heard of it last", async (t) => {
  const { store } = await openSite(t, sqliteEngine);
  await q.send(store, ["a@example.net", "b@example.net"]);
  const older = await q.mustClaim(store, { perDestination: 1 });
  await q.settle(
    store,
    older.lease,
    older.rows.map((row) => q.again(row, q.T + 50)),
    q.T + 2,
  );
  const newer = await q.mustClaim(store, { at: q.T + 2 });
  const outcome = { status: status(450, "4.2.0", "the last word", "remote") };
  const said = newer.rows.map((row) => ({ ...q.again(row, q.T + 50), outcome }));
  await q.settle(store, newer.lease, said, q.T + 3);
  const { largest } = await wholeShape(store.queue, q.T + 4, 10);
  assert.deepEqual(largest[0]?.last, { at: q.T + 3, outcome });
});
