/** Published lists are found by an index; a zone is read in its order, without a sort. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { silentLog } from "../../../src/runtime/index.ts";
import { PublishedWrites } from "../../../src/store/sqlite/published-writes.ts";
import { SqlitePublished } from "../../../src/store/sqlite/published.ts";
import { WriterThread } from "../../../src/store/sqlite/writer-thread.ts";
import { isSearch, openRecording, planOf } from "./plans.ts";

/** Sums and groups of a whole zone are asked for by a person; and a table of one row a table is short. */
const OF_A_ZONE = /GROUP BY kind|sqlite_sequence/;

function prepared(t: TestContext) {
  const connection = openRecording(t);
  const start = () => assert.fail("nothing is written");
  const writer = new WriterThread({ start, log: silentLog, onBatch() {} });
  const made = [new SqlitePublished(connection, writer), new PublishedWrites(connection)];
  assert.equal(made.length, 2);
  return { connection, statements: connection.statements.slice() };
}

test("no statement about published lists reads a table whole, or sorts", (t) => {
  const { connection, statements } = prepared(t);
  assert.ok(statements.length > 20, `${statements.length} statements`);
  for (const sql of statements.filter((one) => !OF_A_ZONE.test(one)))
    for (const step of planOf(connection, sql)) {
      assert.ok(isSearch(step), `${step}: ${sql}`);
      assert.ok(!step.includes("TEMP B-TREE"), `${step}: ${sql}`);
    }
});

test("a subject is found by one probe", (t) => {
  const { connection, statements } = prepared(t);
  const finding = statements.filter((one) => one.includes("zone = ? AND subject = ?"));
  assert.ok(finding.length > 1);
  for (const sql of finding)
    assert.match(planOf(connection, sql).join("; "), /^SEARCH list_entry USING PRIMARY KEY \(zone=\? AND subject=\?\)$/); // prettier-ignore
});
