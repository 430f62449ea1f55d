/** A backup carries the tests of other servers: what comes back to the restored site still finds its case. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { backUpSqlite, openSqliteStore, restoreSqlite } from "../../../src/store/sqlite/index.ts";
import { expected, outcomeOf, relayTest, returnOf } from "../../contract/relay-test-site.ts";
import { newPath } from "./place.ts";

test("a test that was under way at the backup is whole in the restored store, and goes on", async (t) => {
  const path = newPath(t);
  const store = await openSqliteStore({ path, exclusive: true });
  t.after(() => store.close());
  await store.relayTests.begin(relayTest("one"));
  await store.relayTests.expect("one", [expected("t-a"), expected("t-b")]);
  await store.relayTests.tried(outcomeOf("t-a"));
  await store.relayTests.came(returnOf("t-a"));
  backUpSqlite(path, `${path}.backup`, []);
  restoreSqlite(`${path}.backup`, `${path}.restored`);
  const restored = await openSqliteStore({ path: `${path}.restored`, exclusive: true });
  t.after(() => restored.close());
  for (const question of ["find", "cases", "returns"] as const)
    assert.deepEqual(
      await restored.relayTests[question]("one"),
      await store.relayTests[question]("one"),
    );
  await restored.relayTests.came(returnOf("t-b"));
  assert.equal((await restored.relayTests.returns("one")).length, 2);
});
