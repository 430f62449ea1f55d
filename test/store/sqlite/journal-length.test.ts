/** A journal of many generations is searched, folded and pruned like a short one, and leaves no words behind. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { sessionId } from "../../../src/mail/index.ts";
import { silentLog, systemRandom } from "../../../src/runtime/index.ts";
import { Connection } from "../../../src/store/sqlite/connection.ts";
import { JournalWrites } from "../../../src/store/sqlite/journal-writes.ts";
import { SqliteJournal } from "../../../src/store/sqlite/journal.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/index.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { WriterThread } from "../../../src/store/sqlite/writer-thread.ts";
import { newPath } from "./place.ts";

/** About three generations. */
const RECORDS = 6000;

/** A journal with so many records, one a millisecond; every hundredth session of 192.0.2.1. */
function longJournal(t: TestContext) {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS);
  const connection = new Connection({ file: path, purpose: "write", busyTimeoutMs: 1000 });
  const reading = new Connection({ file: path, purpose: "read", busyTimeoutMs: 1000 });
  t.after(() => {
    reading.close();
    connection.close();
  });
  const writes = new JournalWrites(connection);
  const transaction = <T>(work: () => T): T =>
    connection.transaction(() => {
      const result = work();
      writes.settle();
      return result;
    });
  transaction(() => {
    for (let at = 0; at < RECORDS; at++) writes.add(recordAt(at));
  });
  const writer = new WriterThread({ start: startNothing, log: silentLog, onBatch: () => {} });
  const journal = new SqliteJournal(reading, writer, silentLog);
  return { path, journal, writes, transaction };
}

function recordAt(at: number) {
  const ip = at % 100 === 0 ? "192.0.2.1" : `198.51.100.${at % 250}`;
  const session = sessionId(systemRandom.octets(12));
  return { session, at, lastAt: at, count: 1, ip, addresses: [`u${at}@x.example`], json: "{}" };
}

function folded(ip: string) {
  return { ...recordAt(1), ip, fold: `knock of ${ip}` };
}

function startNothing(): never {
  assert.fail("reading starts no thread");
}

function count(path: string, sql: string): number {
  const database = new DatabaseSync(path);
  const row = database.prepare(sql).get();
  database.close();
  return Number(Object.values(row ?? {})[0]);
}

test("a search goes through all generations, the last recorded first", async (t) => {
  const { journal } = longJournal(t);
  const all = await journal.find({ kind: "ip", ip: "192.0.2.1", limit: RECORDS });
  const expected = Array.from({ length: RECORDS / 100 }, (_, i) => RECORDS - 100 * (i + 1));
  assert.deepEqual(
    all.map(({ at }) => at),
    expected,
  );
  const some = await journal.find({ kind: "ip", ip: "192.0.2.1", limit: 30 });
  assert.deepEqual(
    some.map(({ at }) => at),
    expected.slice(0, 30),
  );
});

test("a record of the first generation is found as well as one of the last", async (t) => {
  const { journal } = longJournal(t);
  for (const at of [0, 1, 2047, 2048, 4096, RECORDS - 1]) {
    const query = { kind: "address", address: `u${at}@x.example`, limit: 5 } as const;
    assert.deepEqual(
      (await journal.find(query)).map((found) => found.at),
      [at],
    );
  }
});

test("pruning takes the words of each record along", (t) => {
  const { path, writes, transaction } = longJournal(t);
  const prune = (before: number) => {
    while (transaction(() => writes.prune(before, Infinity)).kind === "more");
  };
  assert.equal(count(path, "SELECT count(*) FROM journal_key"), 3 * RECORDS);
  prune(RECORDS - 1000);
  assert.equal(count(path, "SELECT count(*) FROM journal"), 1000);
  assert.equal(count(path, "SELECT count(*) FROM journal_key"), 3 * 1000);
  prune(RECORDS);
  assert.equal(count(path, "SELECT count(*) FROM journal_key"), 0);
  assert.equal(count(path, "SELECT value FROM property WHERE name = 'journal_octets'"), 0);
});

test("what was undone is neither folded into nor counted", async (t) => {
  const { path, journal, writes, transaction } = longJournal(t);
  const octets = () => count(path, "SELECT value FROM property WHERE name = 'journal_octets'");
  const before = octets();
  assert.throws(() =>
    transaction(() => {
      writes.add(folded("203.0.113.1"));
      throw new RangeError("something else in the batch");
    }),
  );
  writes.undone();
  transaction(() => writes.add(folded("203.0.113.2"))); // it gets the number that the other one had
  transaction(() => writes.add(folded("203.0.113.1")));
  for (const ip of ["203.0.113.1", "203.0.113.2"]) {
    const found = await journal.find({ kind: "ip", ip, limit: 5 });
    assert.deepEqual(
      found.map((one) => one.count),
      [1],
    );
  }
  assert.equal(octets(), before + 2 * "{}".length);
});
