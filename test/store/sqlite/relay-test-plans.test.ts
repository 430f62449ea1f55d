/** Tests of other servers, and their tokens above all, for which strangers ask, are found by an index. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { RelayTestWrites } from "../../../src/store/sqlite/relay-test-writes.ts";
import { SqliteRelayTests } from "../../../src/store/sqlite/relay-tests.ts";
import { WriterThread } from "../../../src/store/sqlite/writer-thread.ts";
import { silentLog } from "../../../src/runtime/index.ts";
import { isSearch, openRecording, planOf } from "./plans.ts";

/** The history is read from its newest on, page by page. */
const IN_ORDER = /^SCAN (?:relay_test USING INDEX relay_test_(?:by_age|unfinished)|CONSTANT ROW)/;

/** Its statements. */
function prepared(t: TestContext) {
  const connection = openRecording(t);
  const start = () => assert.fail("nothing is written");
  const writer = new WriterThread({ start, log: silentLog, onBatch() {} });
  const made = [new SqliteRelayTests(connection, writer), new RelayTestWrites(connection)];
  assert.equal(made.length, 2);
  return { connection, statements: connection.statements.slice() };
}

test("no statement about relay tests reads a table whole, or sorts", (t) => {
  const { connection, statements } = prepared(t);
  assert.ok(statements.length > 15, `${statements.length} statements`);
  for (const sql of statements)
    for (const step of planOf(connection, sql)) {
      assert.ok(isSearch(step) || IN_ORDER.test(step), `${step}: ${sql}`);
      assert.ok(!step.includes("TEMP B-TREE"), `${step}: ${sql}`);
    }
});

test("a token is found by one probe of an index", (t) => {
  const { connection, statements } = prepared(t);
  const sql = statements.find((one) => one.startsWith("SELECT 1 FROM relay_test_case"));
  assert.ok(sql !== undefined);
  assert.match(
    planOf(connection, sql).join("; "),
    /^SEARCH relay_test_case USING INDEX sqlite_autoindex_relay_test_case_1 \(token=\?\)$/,
  );
});
