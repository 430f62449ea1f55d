/** A draft whose parts cannot be stored, without a database: what it says, and what it asks of the writer. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import { messageId, sessionId, type MailboxId } from "../../../src/mail/index.ts";
import { silentLog, systemRandom } from "../../../src/runtime/index.ts";
import { Draft } from "../../../src/store/sqlite/draft.ts";
import { PIECE_OCTETS } from "../../../src/store/sqlite/piece.ts";
import { WriterThread } from "../../../src/store/sqlite/writer-thread.ts";

/** Fails every part with "disk full", does everything else, and tells what it was asked on its standard output. */
const FULL_DISK = `
  const { parentPort } = require("node:worker_threads");
  const done = { kind: "result", result: { kind: "done" } };
  parentPort.on("message", (message) => {
    if (message === null) return parentPort.close();
    const kinds = JSON.parse(message.operations).map(({ kind }) => kind);
    const outcomes = kinds.map((kind) => (kind === "part" ? { kind: "failed", words: "disk full" } : done));
    for (const kind of kinds) process.stdout.write(kind + "\\n");
    parentPort.postMessage({ outcomes: JSON.stringify(outcomes), walPages: 0 });
  });`;

function fullDisk(t: TestContext) {
  const asked: string[] = [];
  const start = () => {
    const worker = new Worker(FULL_DISK, { eval: true, stdout: true });
    worker.stdout
      .setEncoding("utf8")
      .on("data", (text: string) => asked.push(...text.trim().split("\n")));
    return worker;
  };
  const writer = new WriterThread({ start, log: silentLog, onBatch: () => {} });
  t.after(() => writer.end());
  return { writer, asked };
}

function acceptance() {
  const session = sessionId(systemRandom.octets(12));
  const record = { session, at: 1, ip: "192.0.2.1", addresses: [], json: "{}" };
  return {
    id: messageId(session, 1),
    head: new Uint8Array(1),
    mailboxes: [1 as MailboxId],
    record,
  };
}

test("a part that was not stored is why the commit is refused, and what was stored is dropped", async (t) => {
  const { writer, asked } = fullDisk(t);
  const draft = new Draft(writer);
  const { promise: drained, resolve } = Promise.withResolvers<void>();
  assert.equal(draft.write(new Uint8Array(3 * PIECE_OCTETS), resolve), false);
  await drained;
  assert.equal(draft.write(new Uint8Array(3 * PIECE_OCTETS), assert.fail), true, "it still stores");
  await assert.rejects(draft.commit(acceptance()), { name: "StoreError", message: "disk full" });
  await writer.finish();
  await writer.end();
  assert.ok(!asked.includes("complete"), asked.join(" "));
  assert.equal(asked.at(-1), "abandon");
});

test("a draft ends once", async (t) => {
  const { writer } = fullDisk(t);
  const draft = new Draft(writer);
  draft.abandon();
  await assert.rejects(draft.commit(acceptance()), /a draft ends once/);
  assert.equal(draft.write(new Uint8Array(1), assert.fail), true); // and is forgotten
});
