/** What let mail leave is taken away while it waits: it is tried no more. And a route that changes is the next attempt's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedServer, type Script } from "../support/scripted-server.ts";
import { idIn } from "./letter.ts";
import { BOB, BOBS_PASSWORD, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const ALIAS = "eve@local.example";
const LATER: Script = {
  answer: (command) => (command.startsWith("RCPT TO:<eve") ? "451 4.3.0 later" : undefined),
};

test("mail that waits", async (t) => {
  const site = await SendingSite.start(t, {
    settings: (port) => [
      `relay.domains=[{ domain = "inner.example", host = "smtp://127.0.0.1:${port}", verify = false }]`,
    ],
    script: LATER,
  });
  const { remote, zone } = site;
  zone.mx("inner.example", "10 mx.foreign.example");
  const to = "eve@foreign.example";
  const stranger = "sam@strange.example";

  /** From now on the server elsewhere takes all, and what waits is tried; how often it was spoken to. */
  async function retried(change: () => Promise<void>): Promise<() => number> {
    await site.deferred();
    await change();
    remote.script = {};
    const before = remote.commands.length;
    assert.equal(await site.act("retry"), 1);
    return () => remote.commands.length - before;
  }

  /** A message that waits is not delivered after the change, and has failed; explain of it. */
  async function denied(reply: string, change: () => Promise<void>): Promise<string> {
    const id = idIn(reply);
    const spoken = await retried(change);
    await site.settled();
    assert.equal(spoken(), 0);
    remote.script = LATER;
    const text = await site.explain(id);
    assert.match(text, /failed\n {11}550 5\.7\.1 relaying denied: what allowed it is gone/);
    return text;
  }

  await t.test(
    "is left alone while its sender's mailbox is disabled, and goes afterwards",
    async () => {
      const id = idIn(await site.bobSends({ to }));
      const spoken = await retried(() =>
        site.change((directory) => directory.mailboxes.set(BOB, { disabled: true })),
      );
      const shown = await site.deferred(2);
      assert.match(shown, /^outcome +450 4\.7\.1 the sender's mailbox is disabled/m);
      assert.equal(spoken(), 0);
      await site.change((directory) => directory.mailboxes.set(BOB, { disabled: false }));
      await site.act("retry");
      await site.settled();
      assert.ok(remote.messages.at(-1)?.includes(id));
      remote.script = LATER;
    },
  );

  await t.test(
    "goes nowhere when its sender's mailbox is removed, and nobody is there to hear it",
    async () => {
      const text = await denied(await site.bobSends({ to }), () =>
        site.change((directory) => directory.mailboxes.remove(BOB)),
      );
      assert.match(text, /the sender's mailbox does not exist any more/);
      assert.match(text, /not reported: the sender has no mailbox here/);
      await site.change((directory) => directory.mailboxes.add(BOB, BOBS_PASSWORD));
      assert.deepEqual(await site.fetch(BOB), []);
      idIn(await site.bobSends({ to: USER })); // the new Bob owns the name
      await site.fetch(USER);
    },
  );

  await t.test("goes nowhere when the alias leads elsewhere by now, or is gone", async () => {
    await site.change((directory) => directory.aliases.set(ALIAS, [to], "add"));
    const elsewhere = await denied(await site.strangerSends({ from: stranger, to: ALIAS }), () =>
      site.change((directory) => directory.aliases.set(ALIAS, ["eve@other.example"], "set")),
    );
    assert.match(elsewhere, /eve@local\.example no longer leads there/);
    await site.change((directory) => directory.aliases.set(ALIAS, [to], "set"));
    await denied(await site.bobSends({ to: ALIAS }), () =>
      site.change((directory) => directory.aliases.remove(ALIAS)),
    );
    assert.match(await site.arrived(BOB), /eve@local\.example no longer leads there/);
  });

  await t.test("goes nowhere when its gateway domain is none any more", async () => {
    const reply = await site.strangerSends({ from: stranger, to: "eve@inner.example" });
    const text = await denied(reply, () => site.reload("relay.domains=[]"));
    assert.match(text, /its domain is no longer served here/);
    assert.match(text, /not reported: /);
    assert.deepEqual(await site.fetch(USER), []);
  });

  await t.test("goes by the route that is in force when it is tried", async (u) => {
    const other = await ScriptedServer.open(u);
    const id = idIn(await site.bobSends({ to }));
    const route = `smtp://127.0.0.1:${other.port}`;
    const spoken = await retried(() => site.reload(`routes={ "foreign.example" = "${route}" }`));
    await site.settled();
    assert.equal(spoken(), 0);
    assert.ok(other.messages[0]?.includes(id));
    const back = await site.reload("routes={}").then(() => site.bobSends({ to }));
    remote.script = {};
    await site.act("retry");
    await site.settled();
    assert.ok(remote.messages.at(-1)?.includes(idIn(back)));
  });

  await t.test("a route that leads back to us keeps it, and says so", async () => {
    const port = site.server.ports.find(({ planned }) => planned.service === "smtp");
    const route = `smtp://127.0.0.1:${port?.listening.port}`;
    await site.reload(`routes={ "foreign.example" = "${route}" }`);
    idIn(await site.bobSends({ to }));
    assert.match(
      await site.deferred(),
      /^outcome +451 4\.4\.6 a route of this server leads to itself$/m,
    );
    await site.act("remove");
  });
});
