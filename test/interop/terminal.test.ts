/** The commands that ask, before somebody who answers: questions, passwords that are not shown, and a last chance. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "./support/programs.ts";
import { GATEPOST, temporaryDirectory } from "./support/site.ts";
import { onTerminal } from "./support/terminal.ts";

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
