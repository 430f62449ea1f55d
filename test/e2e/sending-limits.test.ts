/** What a login may not: speak for others, and send more than its share; who has sent too much is held until somebody has looked. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../interop/support/programs.ts";
import { eventually } from "../support/eventually.ts";
import { handIn, idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");

test("a login", async (t) => {
  const site = await SendingSite.start(t, { settings: () => ["sending.messages_per_hour=5"] });
  const { remote } = site;
  const to = "eve@foreign.example";
  await site.change((directory) => directory.aliases.set("sales@local.example", [BOB], "add"));

  await t.test("sends as its aliases, and as nobody else: not in MAIL, not in From", async () => {
    const talk = await site.login();
    for (const [from, author, refused] of [
      [USER, USER, `${USER}:`],
      ["x@foreign.example", BOB, "x@foreign.example:"],
      [BOB, USER, `${USER} (header field From):`],
      [BOB, `${BOB}>, <${USER}`, `${USER} (header field From):`],
    ] as const) {
      const content = `From: <${author}>\r\n\r\ntext`;
      const said = await handIn(talk, { from, to, content });
      assert.ok(said.startsWith(`550 5.7.1 ${BOB} may not send as ${refused} not its `), said);
    }
    const twice = `From: <${BOB}>\r\nFrom: <${BOB}>\r\n\r\ntext`;
    assert.match(await handIn(talk, { from: BOB, to, content: twice }), /^550 5\.6\.0 /);
    idIn(await handIn(talk, { from: "sales@local.example", to }));
    idIn(await handIn(talk, { from: "bob+news@local.example", to }));
    talk.destroy();
    await site.settled();
    assert.equal(remote.messages.length, 2);
  });

  await t.test("hears at its limit when that ends, and the rest of its queue is held", async () => {
    remote.script = {
      answer: (command) => (command.startsWith("RCPT") ? "451 4.3.0 later" : undefined),
    };
    for (let i = 0; i < 3; i++) idIn(await site.bobSends({ to }));
    await site.deferred();
    const ann = await site.login(USER);
    idIn(await handIn(ann, { from: USER, to }));
    const limit =
      /^450 4\.7\.1 sending limit of 5 messages an hour reached, again at (?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC/;
    for (let i = 0; i < 2; i++) assert.match(await site.bobSends({ to }), limit);
    idIn(await handIn(ann, { from: USER, to: BOB })); // another login goes on
    ann.destroy();
    await eventually("three rows that are held", async () =>
      (await site.queue({ held: true })).length === 3 ? true : undefined,
    );
    const rows = await site.queue();
    assert.deepEqual(
      rows.filter(({ state }) => state.kind === "held").map(({ login }) => login),
      [BOB, BOB, BOB],
    );
    assert.equal(rows.length, 4);
  });

  await t.test("the postmaster gets one notice, which says what to do", async () => {
    const notice = await site.arrived(USER);
    assert.match(notice, /^Subject: Sending limit of bob@local\.example reached\r$/m);
    assert.match(notice, /What it had in the queue, for 3 recipients, is held\./);
    assert.match(notice, /^ {2}gatepost queue release --login bob@local\.example\r$/m);
  });

  await t.test(
    "what is held goes when the operator says so, beside the running server",
    async () => {
      remote.script = {};
      const held = await site.queue({ held: true });
      const release = ["queue", "release", "--login", BOB, "--config", site.site.file];
      const { code, stdout, said } = await run(GATEPOST, release);
      assert.equal(code, 0, said);
      assert.equal(stdout.toString(), "3 recipients released, and due now\n");
      await eventually("the messages elsewhere", () =>
        held.every(({ message }) => remote.messages.some((text) => text.includes(message)))
          ? true
          : undefined,
      );
    },
  );
});
