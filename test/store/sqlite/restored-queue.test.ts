/** What becomes of the queue in a backup that is restored. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { backUpSqlite, openSqliteStore, restoreSqlite } from "../../../src/store/sqlite/index.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/index.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { claimed, listed, send, T } from "../../contract/queue-site.ts";
import { newPath } from "./place.ts";

test("a restored queue is in doubt, and goes on", async (t) => {
  const path = newPath(t);
  const store = await openSqliteStore({ path, exclusive: true });
  await send(store, ["bob@example.net"]);
  const backup = `${path}.backup`;
  backUpSqlite(path, backup, []);
  await store.close();
  rmSync(path);
  restoreSqlite(backup, path);
  const restored = await openSqliteStore({ path, exclusive: true });
  t.after(() => restored.close());
  assert.deepEqual(
    (await listed(restored)).map(({ inDoubt, attempts }) => [inDoubt, attempts]),
    [[true, 0]],
  );
  assert.deepEqual(await claimed(restored, { at: T }), ["bob@example.net"]);
});

test("a backup from before there was a queue is restored, and gets one", async (t) => {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS.slice(0, 3));
  const backup = `${path}.backup`;
  backUpSqlite(path, backup, []);
  rmSync(path);
  restoreSqlite(backup, path);
  const database = new DatabaseSync(path);
  assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], 3);
  database.close();
  const restored = await openSqliteStore({ path, exclusive: true });
  t.after(() => restored.close());
  assert.deepEqual(await listed(restored), []);
});
