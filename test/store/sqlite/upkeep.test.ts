/** What keeps the files small: checkpoints beside the writer, pages given back, a tidy end. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { messageId, parseDomain, sessionId, type MailboxId } from "../../../src/mail/index.ts";
import { systemRandom } from "../../../src/runtime/index.ts";
import type { Store } from "../../../src/store/index.ts";
import { Connection } from "../../../src/store/sqlite/connection.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/index.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { Tasks } from "../../../src/store/sqlite/tasks.ts";
import { WalGauge } from "../../../src/store/sqlite/wal-gauge.ts";
import { newPath } from "./place.ts";

const MEBIBYTE = 1024 * 1024;

async function openWithMailbox(t: TestContext) {
  const path = newPath(t);
  const store = await openSqliteStore({ path, exclusive: true });
  t.after(() => store.close());
  const domain = parseDomain("example.org");
  assert.ok(domain !== undefined);
  await store.directory.change({ kind: "add-domain", domain }, () => true);
  const mailbox = { kind: "add-mailbox", local: "ann", domain, verifier: "x" } as const;
  await store.directory.change(mailbox, () => true);
  const ann = store.directory.mailbox("ann", domain);
  assert.ok(ann !== undefined);
  return { path, store, ann: ann.id };
}

async function deposit(store: Store, mailbox: MailboxId, octets: number): Promise<void> {
  const session = sessionId(systemRandom.octets(12));
  const record = { session, at: 1, ip: "192.0.2.1", addresses: [], json: "{}" };
  const draft = store.openMessage();
  draft.write(new Uint8Array(octets), assert.fail);
  const head = new Uint8Array(0);
  await draft.commit({ id: messageId(session, 1), head, mailboxes: [mailbox], record });
}

/** Deposits so many messages of 200,000 octets, ten at once. */
async function depositMany(store: Store, mailbox: MailboxId, messages: number): Promise<void> {
  for (let i = 0; i < messages; i += 10)
    await Promise.all(Array.from({ length: 10 }, () => deposit(store, mailbox, 200_000)));
}

test("the log is copied into the file while the store is open", async (t) => {
  const { path, store, ann } = await openWithMailbox(t);
  await depositMany(store, ann, 60); // 12 MB, more than a checkpoint waits for
  while (statSync(path).size < 8 * MEBIBYTE) await sleep(5); // the runner's time limit is the test's
});

test("a long log begins anew when the writer has copied the little that the checkpoint left", (t) => {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS);
  const connection = new Connection({ file: path, purpose: "write", busyTimeoutMs: 1000 });
  t.after(() => connection.close());
  const write = connection.query("INSERT INTO part (body, start, content) VALUES (1, ?, ?)");
  const gauge = new WalGauge(connection);
  for (let start = 0; start < 5; start++) {
    write.run(start, new Uint8Array(8 * MEBIBYTE));
    assert.ok(gauge.measure() > 512 * start, "the writer copied what is the checkpointer's");
  }
  const reader = new DatabaseSync(path);
  reader.exec("BEGIN; SELECT * FROM property"); // a checkpoint copies no page that is younger than a reader
  write.run(6, new Uint8Array(1));
  connection.query("PRAGMA wal_checkpoint(PASSIVE)").row();
  reader.close();
  assert.equal(gauge.measure(), 0, "a small gap was left");
  write.run(7, new Uint8Array(1));
  assert.ok(gauge.measure() < 10);
  const [, pages] = connection.query("PRAGMA wal_checkpoint(NOOP)").row() ?? [];
  assert.ok(Number(pages) < 10, `the log has ${String(pages)} pages`);
});

test("a closed store is one file and its lock", async (t) => {
  const { path, store, ann } = await openWithMailbox(t);
  await deposit(store, ann, 1000);
  assert.ok(existsSync(`${path}-wal`));
  await store.close();
  assert.equal(existsSync(`${path}-wal`), false);
  assert.equal(existsSync(`${path}-shm`), false);
});

test("pages of deleted mail are given back in steps, but for some that are kept", async (t) => {
  const { path, store, ann } = await openWithMailbox(t);
  await depositMany(store, ann, 100);
  const messages = await store.maildrops.list(ann);
  await store.maildrops.remove(
    ann,
    messages.map(({ uid }) => uid),
  );
  await store.close();
  const before = statSync(path).size;
  const connection = new Connection({ file: path, purpose: "write", busyTimeoutMs: 1000 });
  const tasks = new Tasks(connection);
  let steps = 0;
  const step = () => tasks.perform({ operation: { kind: "vacuum", keptPages: 512 }, arrays: [] });
  while (connection.transaction(step).kind === "more") steps++;
  connection.close();
  assert.ok(steps > 3, `${steps} steps`);
  const after = statSync(path).size;
  assert.ok(after < before - 5 * MEBIBYTE, `${before} octets became ${after}`);
  const database = new DatabaseSync(path);
  const free = Number(database.prepare("PRAGMA freelist_count").get()?.["freelist_count"]);
  database.close();
  assert.equal(free, 512);
});
