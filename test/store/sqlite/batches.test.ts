/** A batch on a real database: in one transaction where it can be, one by one where it must. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { messageId, sessionId, type MailboxId } from "../../../src/mail/index.ts";
import { systemRandom } from "../../../src/runtime/index.ts";
import { Batches } from "../../../src/store/sqlite/batches.ts";
import { Connection } from "../../../src/store/sqlite/connection.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/index.ts";
import type { Operation } from "../../../src/store/sqlite/operations.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { Tasks, type Task } from "../../../src/store/sqlite/tasks.ts";
import { newPath } from "./place.ts";

const ANN = 1 as MailboxId;
const BODY = 4711;

function openBatches(t: TestContext) {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS);
  const connection = new Connection({ file: path, purpose: "write", busyTimeoutMs: 50 });
  t.after(() => connection.close());
  connection.execute(`
    INSERT INTO domain (name) VALUES ('example.org');
    INSERT INTO mailbox (id, domain, local, verifier, uid_token, created_at)
    VALUES (${ANN}, 'example.org', 'ann', 'x', 'token', 0)`);
  return { path, connection, batches: new Batches(connection, new Tasks(connection)) };
}

function part(start: number, octets: number): Task {
  return { operation: { kind: "part", body: BODY, start }, arrays: [new Uint8Array(octets)] };
}

function complete(contentOctets: number): Task {
  const session = sessionId(systemRandom.octets(12));
  const record = {
    session,
    at: 1,
    lastAt: 1,
    count: 1,
    ip: "192.0.2.1",
    addresses: [],
    json: "{}",
  };
  const name = messageId(session, 1);
  const operation: Operation = {
    kind: "complete",
    body: BODY,
    contentOctets,
    name,
    mailboxes: [ANN],
    record,
  };
  return { operation, arrays: [new Uint8Array(1)] };
}

test("parts and their message may come in one batch", (t) => {
  const { batches } = openBatches(t);
  const outcomes = batches.run([part(0, 10), part(10, 5), complete(15)]);
  assert.deepEqual(outcomes.at(-1), { kind: "result", result: { kind: "committed" } });
});

test("a message of which one part failed in the same batch fails too", (t) => {
  const { batches } = openBatches(t);
  const outcomes = batches.run([part(0, 10), part(0, 5), complete(15)]); // the second says it is the first
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["result", "failed", "failed"],
  );
  assert.deepEqual(outcomes.at(-1), { kind: "failed", words: "parts of the message are missing" });
});

test("when another process has the lock, all fail, and after one wait only", (t) => {
  const { path, batches, connection } = openBatches(t);
  const other = new Connection({ file: path, purpose: "write", busyTimeoutMs: 50 });
  other.execute("BEGIN IMMEDIATE");
  let begun = 0;
  const tasks = new Tasks(connection);
  const counting = new Batches(
    {
      transaction: (work: () => unknown) => {
        begun++;
        return connection.transaction(work);
      },
    } as Connection, // all that a batch needs of one
    tasks,
  );
  const outcomes = counting.run([part(0, 1), part(1, 1), part(2, 1)]);
  assert.ok(outcomes.every(({ kind }) => kind === "failed"));
  assert.equal(begun, 1);
  other.close();
  assert.ok(batches.run([part(0, 1)]).every(({ kind }) => kind === "result"));
});
