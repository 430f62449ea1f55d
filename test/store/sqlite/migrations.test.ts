/** What becomes of a store's rows when its schema changes. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/index.ts";
import { prepareFile } from "../../../src/store/sqlite/schema.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { newPath } from "./place.ts";

const DOMAIN = domainOf("example.org");

test("schema 2: passwords stay; SCRAM comes with the next one", async (t) => {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS.slice(0, 1));
  const database = new DatabaseSync(path);
  database.exec(`INSERT INTO domain (name) VALUES ('example.org');
    INSERT INTO mailbox (domain, local, verifier, uid_token, created_at)
    VALUES ('example.org', 'ann', 'the old verifier', 'token', 1)`);
  database.close();
  const store = await openSqliteStore({ path, exclusive: false });
  t.after(() => store.close());
  const id = store.directory.mailbox("ann", DOMAIN)?.id ?? assert.fail();
  assert.equal(store.directory.verifier(id), "the old verifier");
  assert.equal(store.directory.scramVerifier(id), undefined);
  assert.deepEqual(store.directory.appPasswords(id), []);
  assert.equal(store.directory.secret().length, 32);
});

test("schema 5: mailboxes stay, with the usual limits, nothing granted and nothing sent", async (t) => {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS.slice(0, 4));
  const database = new DatabaseSync(path);
  database.exec(`INSERT INTO domain (name) VALUES ('example.org');
    INSERT INTO mailbox (domain, local, verifier, uid_token, created_at)
    VALUES ('example.org', 'ann', 'verifier', 'token', 1)`);
  database.close();
  const store = await openSqliteStore({ path, exclusive: false });
  t.after(() => store.close());
  const ann = store.directory.mailbox("ann", DOMAIN) ?? assert.fail();
  assert.equal(ann.sendingFactor, undefined);
  assert.deepEqual(store.directory.senderGrants(ann.id), []);
  assert.deepEqual(store.sending.sent(ann.id, 0, Date.now()), []);
});

test("schema 6: domains stay, and have no keys to sign with yet", async (t) => {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS.slice(0, 5));
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO domain (name) VALUES ('example.org')");
  database.close();
  const store = await openSqliteStore({ path, exclusive: false });
  t.after(() => store.close());
  assert.deepEqual(store.directory.domain(DOMAIN), { name: DOMAIN });
  assert.deepEqual(store.directory.dkimKeys(DOMAIN), []);
});

test("schema 10: the tables themselves have no pairs of a public authority's peer", async (t) => {
  const path = newPath(t);
  const store = await openSqliteStore({ path, exclusive: false });
  t.after(() => store.close());
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  database.exec(`INSERT INTO peer (name, trust, names, created_at)
    VALUES ('named', 'public authority', '["mx.far.example"]', 1)`);
  for (const trust of ["public authority", "pin"])
    assert.throws(
      () =>
        database.exec(
          `INSERT INTO peer_relay VALUES ('named', '${trust}', 'a.example', 'b.example')`,
        ),
      /constraint failed/,
    );
  assert.deepEqual(store.directory.peer("named")?.relays, []);
});

test("schema 13: what waits stays as it was, under its number, and numbers go on from there", async (t) => {
  const path = newPath(t);
  prepareFile(path, false, MIGRATIONS.slice(0, 12));
  const database = new DatabaseSync(path);
  const row = (id: number): string => `INSERT INTO destination VALUES ('d${id}.example', 1, 6);
    INSERT INTO queue (id, message, name, octets, kept_octets, reverse_path, forward_path, domain, grant_basis,
      grant_holder, destination, login, tell, parameters, accepted_at, due_at)
    VALUES (${id}, 1, 'm-1', 10, 3, 'ann@example.org', 'bob@d${id}.example', 'd${id}.example', 'login',
      'ann@example.org', 'd${id}.example', 'ann@example.org', 'own user', '{"smtputf8":false}', 5, 6);`;
  database.exec(`INSERT INTO message (id, name, octets, holders, head, content) VALUES (1, 'm-1', 13, 2, x'616263', x'30313233343536373839');
    ${row(7)} ${row(9)} DELETE FROM queue WHERE id = 9`);
  database.close();
  const store = await openSqliteStore({ path, exclusive: false });
  t.after(() => store.close());
  const { rows } = await store.queue.list({}, { limit: 10 });
  const [kept, ...others] = rows;
  assert.deepEqual(others, []);
  assert.deepEqual(
    [kept?.id, kept?.forwardPath, kept?.grant?.holder, kept?.settled, kept?.evidence, kept?.state],
    [7, "bob@d7.example", "ann@example.org", undefined, undefined, { kind: "waiting", dueAt: 6 }],
  );
  const after = new DatabaseSync(path);
  t.after(() => after.close());
  const add = (columns: string, values: string): unknown =>
    after
      .prepare(
        `INSERT INTO queue (message, name, octets, kept_octets, reverse_path, forward_path, domain, destination, tell, parameters,
           accepted_at, due_at, ${columns})
         VALUES (1, 'm-1', 10, 3, 'x@y.example', 'bob@d7.example', 'd7.example', 'd7.example', 'nobody', '{}', 5, 6, ${values})`,
      )
      .run().lastInsertRowid;
  assert.equal(add("settled", "'{}'"), 10);
  for (const values of ["NULL, NULL, NULL", "'login', 'ann@example.org', '{}'"])
    assert.throws(() => add("grant_basis, grant_holder, settled", values), /constraint failed/);
});
