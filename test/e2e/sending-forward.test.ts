/** An alias that leads abroad: strangers' mail leaves under a return path of ours, and what comes back to it goes on to them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { handIn, idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const ALIAS = "eve@local.example";
const ABROAD = "eve@foreign.example";
const STRANGER = "Sam@Strange.example";

test("an alias abroad", async (t) => {
  const site = await SendingSite.start(t);
  const { remote, zone } = site;
  zone.mx("strange.example", "10 mx.foreign.example");
  await site.change((to) => to.aliases.set(ALIAS, [ABROAD], "add"));

  /** Forwards the stranger's message; the return path under which it has left. */
  async function forwarded(from = STRANGER): Promise<string> {
    idIn(await site.strangerSends({ from, to: ALIAS }));
    await site.settled();
    const [mail = "", rcpt] = remote.envelopes.at(-1) ?? [];
    assert.equal(rcpt, `RCPT TO:<${ABROAD}>`);
    return /^MAIL FROM:<([^>]*)>/.exec(mail)?.[1] ?? "none";
  }

  const toSam = (): number =>
    remote.commands.filter((line) => line.startsWith("RCPT TO:<Sam")).length;

  const returns = await forwarded();

  await t.test("a stranger's mail leaves under an address of the alias's domain", () => {
    assert.match(returns, /^SRS0=[^=]+=[^=]+=strange\.example=Sam@local\.example$/);
    assert.match(remote.messages.at(-1) ?? "", /^Received: from client\.example/);
  });

  await t.test("our own users' and the null sender stay what they are", async () => {
    assert.equal(await forwarded(""), "");
    idIn(await site.bobSends({ to: ALIAS }));
    await site.settled();
    assert.match(remote.envelopes.at(-1)?.[0] ?? "", /^MAIL FROM:<bob@local\.example>/);
  });

  await t.test("a report to it goes on to the stranger, from nobody", async () => {
    const content = "From: <mailer@foreign.example>\r\nSubject: failure\r\n\r\nit failed";
    const id = idIn(await site.strangerSends({ from: "", to: returns, content }));
    await site.settled();
    const [mail = "", rcpt] = remote.envelopes.at(-1) ?? [];
    assert.match(mail, /^MAIL FROM:<>/);
    assert.equal(rcpt, "RCPT TO:<Sam@strange.example>");
    assert.ok(remote.messages.at(-1)?.endsWith(content));
    assert.match(await site.explain(id), /to strange\.example\n/);
  });

  await t.test(
    "it is taken from the null sender, alone, unchanged, and from nobody else",
    async () => {
      const [messages, expected] = [remote.messages.length, /^550 5\.7\.1 relaying denied/];
      const altered = returns.replace("=Sam@", "=Tom@");
      const forged = returns.replace(
        /SRS0=./,
        (begin) => `SRS0=${begin.endsWith("a") ? "b" : "a"}`,
      );
      const elsewhere = returns.replace("strange.example", "victim.example");
      for (const to of [altered, forged, elsewhere, [returns, USER], [USER, returns]])
        assert.match(await site.strangerSends({ from: "", to }), expected, String(to));
      assert.match(await site.strangerSends({ from: STRANGER, to: returns }), expected);
      const talk = await site.login();
      assert.match(await handIn(talk, { from: BOB, to: returns }), expected);
      talk.destroy();
      assert.deepEqual(await site.queue(), []);
      assert.equal(remote.messages.length, messages);
    },
  );

  await t.test(
    "what fails for a stranger is told to nobody; the postmaster hears of it",
    async () => {
      remote.script = {
        answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 Eve has left" : undefined),
      };
      const before = toSam();
      const id = idIn(await site.strangerSends({ from: STRANGER, to: ALIAS }));
      await site.settled();
      const text = await site.explain(id);
      assert.match(text, /Eve has left\n {11}not reported: the sender's address is not verified/);
      assert.deepEqual(await site.queue(), []);
      assert.deepEqual(await site.fetch(USER), []);
      await site.stop(); // it does not wait for others then
      await site.serve();
      const notice = await site.arrived(USER);
      assert.match(notice, /^Subject: Mail that could not be delivered, and nobody was told\r$/m);
      assert.match(notice, new RegExp(`^${id}  from <SRS0=\\S+> to <${ABROAD}>\r$`, "m"));
      assert.match(notice, /550 5\.1\.1 Eve has left/);
      assert.equal(toSam(), before);
    },
  );

  await t.test("what fails for a user of ours comes back to him", async () => {
    idIn(await site.bobSends({ to: ALIAS }));
    assert.match(await site.arrived(BOB), /550 5\.1\.1 Eve has left/);
  });
});
