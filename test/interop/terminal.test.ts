/** The commands that ask, before somebody who answers: questions, passwords that are not shown, and a last chance. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "./support/programs.ts";
import { GATEPOST, temporaryDirectory } from "./support/site.ts";
import { onTerminal } from "./support/terminal.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import * as q from "../contract/queue-site.ts";
import { newSite } from "../e2e/site.ts";

const SECRET = "correct horse";

test("init asks for what it was not told, and does not show the password", async () => {
  const dir = temporaryDirectory();
  const { code, shown } = await onTerminal(
    `${GATEPOST} init --listen 127.0.0.1 --dir ${dir}/site`,
    [
      ["Host name of this server", "mx.example.org"],
      ["Domain to take mail for", "example.org"],
      ["Mailbox [postmaster@example.org]", ""],
      ["Password (empty: make one)", SECRET],
    ],
  );
  assert.equal(code, 0, shown);
  assert.ok(!shown.includes(SECRET), shown);
  const config = join(dir, "site/gatepost.toml");
  assert.match(readFileSync(config, "utf8"), /hostname = "mx\.example\.org"/);
  const mailboxes = await run(GATEPOST, ["mailbox", "list", "--config", config]);
  assert.match(mailboxes.said, /postmaster@example\.org/);
});

test("sendmail --init asks for the login, and does not show the password", async () => {
  const file = join(temporaryDirectory(), "login.toml");
  const { code, shown } = await onTerminal(`${GATEPOST} sendmail --init --login-file ${file}`, [
    ["Mail server", "localhost"],
    ["User", "ann@example.org"],
    ["Password", SECRET],
  ]);
  assert.equal(code, 0, shown);
  assert.ok(!shown.includes(SECRET), shown);
  assert.match(readFileSync(file, "utf8"), new RegExp(`^password = "${SECRET}"$`, "m"));
});

test("queue remove asks, and takes nothing but a yes; lines of the list end with the terminal's", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());
  const store = await openSqliteStore({ path: join(site.dir, "gatepost.db"), exclusive: false });
  t.after(() => store.close());
  await q.send(store, ["a@example.net", "b@example.net"]);
  const { lease, rows } = await q.mustClaim(store);
  const lines = [`451 4.3.0 ${"later ".repeat(30)}`];
  const outcome = { ...q.DEFERRED, reply: { host: "mx.example.net", lines } };
  const said = rows.map((row) => ({ ...q.again(row, q.T), outcome }));
  await q.settle(store, lease, said);

  const list = await onTerminal(`stty cols 70; ${GATEPOST} queue list --config ${site.file}`, []);
  const widths = list.shown.split("\r\n").map((line) => line.length);
  assert.equal(Math.max(...widths), 70, list.shown);

  const remove = `${GATEPOST} queue remove --all --config ${site.file}`;
  const question = "Remove 2 recipients from the queue?";
  const kept = await onTerminal(remove, [[question, ""]]);
  assert.equal(kept.code, 1);
  assert.match(kept.shown, /nothing was removed/);
  assert.equal((await q.listed(store)).length, 2);
  const removed = await onTerminal(remove, [[question, "yes"]]);
  assert.equal(removed.code, 0);
  assert.match(removed.shown, /2 recipients removed/);
  assert.deepEqual(await q.listed(store), []);
});
