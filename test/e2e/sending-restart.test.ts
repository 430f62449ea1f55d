/** Mail in the queue when the server stops and starts, and when an operator acts while it is on its way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/eventually.ts";
import type { Script } from "../support/scripted-server.ts";
import { idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";

/** Silent to the first command that begins so; yes to all others. */
function silentTo(begin: string): Script {
  let silent = false;
  return {
    offers: ["8BITMIME"], // pipelined, the answers to what follows would come first
    answer: (command) => {
      if (silent || !command.startsWith(begin)) return undefined;
      silent = true;
      return "SILENCE";
    },
  };
}

test("mail on its way", async (t) => {
  const site = await SendingSite.start(t);
  const { remote } = site;
  const to = "eve@foreign.example";

  /** Bob sends, and the server elsewhere has heard so much of it and says nothing; the message's id. */
  async function halfway(begin: string): Promise<string> {
    remote.script = silentTo(begin);
    remote.hangUp(); // so that it says anew what it offers
    const before = remote.commands.filter((line) => line.startsWith(begin)).length;
    const id = idIn(await site.bobSends({ to }));
    await eventually(`${begin} elsewhere`, () =>
      remote.commands.filter((line) => line.startsWith(begin)).length > before ? true : undefined,
    );
    return id;
  }

  function copies(id: string): number {
    return remote.messages.filter((message) => message.includes(id)).length;
  }

  await t.test(
    "what waits is there after a restart, with all that is known, and goes",
    async () => {
      remote.script = {
        answer: (command) => (command.startsWith("RCPT") ? "451 4.3.0 not today" : undefined),
      };
      const id = idIn(await site.bobSends({ to }));
      const shown = (await site.deferred()).split("\n").filter((line) => !line.endsWith("ago"));
      await site.stop();
      remote.script = {};
      await site.serve();
      const after = (await site.deferred()).split("\n").filter((line) => !line.endsWith("ago"));
      assert.deepEqual(withoutMinutes(after), withoutMinutes(shown));
      assert.equal(copies(id), 0);
      await site.act("retry");
      await site.settled();
      assert.equal(copies(id), 1);
    },
  );

  await t.test("a stop lets a slow delivery end", async () => {
    const id = await halfway(".");
    const stopped = site.stop(20_000);
    remote.sayLate("250 2.0.0 at last");
    await stopped;
    assert.deepEqual(await site.queue(), []);
    assert.match(await site.explain(id), /delivered\n {11}250 2\.0\.0 at last/);
    await site.serve();
  });

  await t.test(
    "one that takes longer than the grace is given back, and is the next start's first",
    async () => {
      const id = await halfway("RCPT");
      await site.stop(200);
      const [row] = await site.queue();
      assert.deepEqual([row?.state.kind, row?.attempts, row?.inDoubt], ["waiting", 0, false]);
      await site.serve();
      await site.settled();
      assert.equal(copies(id), 1);
    },
  );

  await t.test("after the final dot nobody knows: it goes again, and is marked", async () => {
    const id = await halfway(".");
    await site.stop(200);
    const [row] = await site.queue();
    assert.deepEqual([row?.state.kind, row?.inDoubt], ["waiting", true]);
    await site.serve();
    await site.act("retry");
    await site.settled();
    assert.equal(copies(id), 2);
  });

  await t.test(
    "hold, while it is on its way: it is not tried again until it is released",
    async () => {
      const id = await halfway("RCPT");
      assert.equal(await site.act("hold"), 1);
      remote.sayLate("451 4.3.0 later");
      await eventually("a row that is held", async () =>
        (await site.queue()).some(({ state }) => state.kind === "held") ? true : undefined,
      );
      assert.equal(await site.act("retry"), 0);
      assert.equal(copies(id), 0);
      assert.equal(await site.act("release"), 1);
      await site.settled();
      assert.equal(copies(id), 1);
    },
  );

  await t.test("remove, while it is on its way: it is gone, and nobody is told", async () => {
    const id = await halfway("RCPT");
    assert.equal(await site.act("remove"), 1);
    remote.sayLate("451 4.3.0 later");
    await site.settled();
    assert.match(await site.explain(id), /451 4\.3\.0 later/);
    assert.deepEqual(await site.fetch(BOB), []);
    assert.equal(copies(id), 0);
  });
});

/** Of "in 5 min". */
function withoutMinutes(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/, in .*$/, ""));
}
