/** Every statement of the queue finds its rows by an index: none reads the queue from its beginning. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MessageId } from "../../../src/mail/index.ts";
import type { QueueFilter, QueueId } from "../../../src/store/index.ts";
import type { Connection } from "../../../src/store/sqlite/connection.ts";
import { Deposits } from "../../../src/store/sqlite/deposits.ts";
import { JournalWrites } from "../../../src/store/sqlite/journal-writes.ts";
import { QueueFigures } from "../../../src/store/sqlite/queue-figures.ts";
import { QueueSearch } from "../../../src/store/sqlite/queue-search.ts";
import { QueueTasks } from "../../../src/store/sqlite/queue-tasks.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { isSearch, openRecording, planOf } from "./plans.ts";

/** What may be read whole: the small table, and indexes of only what is held, leased or has a due time. */
const SMALL =
  /^SCAN (?:destination|queue USING (?:COVERING )?INDEX (?:queue_held|queue_under_way)|CONSTANT ROW)/;

/** Holds all that `make` prepares. */
function hasNoScan(t: TestContext, make: (connection: Connection) => object): void {
  const connection = openRecording(t);
  make(connection);
  const statements = connection.statements.slice();
  assert.ok(statements.length > 0);
  for (const sql of statements)
    for (const step of planOf(connection, sql)) {
      assert.ok(isSearch(step) || SMALL.test(step), `${step}: ${sql}`);
      assert.ok(!step.includes("TEMP B-TREE"), `${step}: ${sql}`);
    }
}

test("what the writer does", (t) => {
  const journal = new JournalWrites(openRecording(t));
  hasNoScan(t, (connection) => new QueueTasks(connection, new Deposits(connection), journal));
});

test("the figures", (t) => hasNoScan(t, (connection) => new QueueFigures(connection)));

/** Each condition, and the index that finds it. */
const FILTERS: readonly (readonly [QueueFilter, string])[] = [
  [{}, "queue_by_age"],
  [{ acceptedFrom: 1, acceptedBefore: 2 }, "queue_by_age"],
  [{ id: 1 as QueueId }, "INTEGER PRIMARY KEY"],
  [{ message: "x-1" as MessageId }, "queue_by_message"],
  [{ forwardPath: "a@example.net" }, "queue_by_recipient"],
  [{ reversePath: "" }, "queue_by_sender"],
  [{ login: "a@example.org" }, "queue_by_login"],
  [{ held: true }, "queue_held"],
  [{ held: true, destination: "example.net" }, "queue_held"],
  [{ domain: domainOf("example.net") }, "queue_by_domain"],
  [{ destination: "example.net" }, "queue_by_destination"],
  [{ destination: "example.net", forwardPath: "a@example.net" }, "queue_by_recipient"],
];
for (const [filter, index] of FILTERS)
  test(`a page of ${JSON.stringify(filter)} is found by ${index}, in its order`, (t) => {
    const connection = openRecording(t);
    new QueueSearch(connection).page(filter, { limit: 10 });
    const [sql = assert.fail()] = connection.statements.slice(-1);
    const plan = planOf(connection, sql);
    assert.match(plan.join("; "), new RegExp(`^SEARCH queue USING (?:INDEX )?${index}[^;]*$`));
  });
