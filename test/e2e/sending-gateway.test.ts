/** A gateway domain: its host behind us says who exists, and gets the mail; whoever it does not know is refused in the session. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedServer } from "../support/scripted-server.ts";
import { idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const STRANGER = "sam@strange.example";

test("a gateway domain", async (t) => {
  const site = await SendingSite.start(t, {
    settings: (port) => [
      `relay.domains=[{ domain = "inner.example", host = "smtp://127.0.0.1:${port}" }]`,
      "relay.known_seconds=1",
      "relay.unknown_seconds=1",
    ],
    script: {
      answer: (command) =>
        /^RCPT TO:<(?!iris@)/.test(command) ? "550 5.1.1 not one of us" : undefined,
    },
  });
  const { remote } = site;
  const asked = (): number => remote.commands.filter((line) => line === "MAIL FROM:<>").length;

  await t.test("a recipient that its host knows: the mail goes there", async () => {
    const id = idIn(await site.strangerSends({ from: STRANGER, to: "iris@inner.example" }));
    await site.settled();
    const [mail = "", rcpt] = remote.envelopes.at(-1) ?? [];
    assert.match(mail, /^MAIL FROM:<sam@strange\.example>/);
    assert.equal(rcpt, "RCPT TO:<iris@inner.example>");
    assert.match(remote.messages.at(-1) ?? "", /^Received: from client\.example/);
    assert.match(await site.explain(id), /iris@inner\.example> delivered\n {11}250 2\.0\.0 queued/);
  });

  await t.test("it was asked without sending anything", () => {
    assert.equal(asked(), 1);
    const [question] = remote.talks.map(({ commands }) => commands.join(" "));
    assert.match(question ?? "", /MAIL FROM:<> RCPT TO:<iris@inner\.example> (?:RSET )?QUIT$/);
  });

  await t.test("one that it does not know is refused here, to strangers and logins", async () => {
    const messages = remote.messages.length;
    const to = "nobody@inner.example";
    const expected = /^550 5\.1\.1 no such mailbox on the server of this domain/;
    assert.match(await site.strangerSends({ from: STRANGER, to }), expected);
    assert.match(await site.bobSends({ to }), expected);
    assert.equal(remote.messages.length, messages);
    assert.deepEqual(await site.queue(), []);
  });

  await t.test("its postmaster is ours when the host knows none (RFC 5321 §4.5.1)", async () => {
    const before = remote.commands.length;
    const to = "Postmaster+desk@inner.example";
    idIn(
      await site.strangerSends({ from: STRANGER, to, content: "Subject: to the desk\r\n\r\ntext" }),
    );
    assert.ok(remote.commands.slice(before).includes(`RCPT TO:<${to}>`));
    assert.match(await site.arrived(USER), /^Subject: to the desk\r$/m);
    assert.deepEqual(await site.queue(), []);
  });

  await t.test(
    "what the host refuses later is told to no stranger, and to our own user",
    async () => {
      remote.script = { answer: (command) => (command === "." ? "554 5.7.1 spam" : undefined) };
      const talked = remote.talks.length;
      idIn(await site.strangerSends({ from: STRANGER, to: "iris@inner.example" }));
      await site.settled();
      assert.ok(
        remote.talks.slice(talked).every(({ commands }) => !commands.join().includes("Sam")),
      );
      idIn(await site.bobSends({ to: "iris@inner.example" }));
      assert.match(await site.arrived(BOB), /^ +554 5\.7\.1 spam\r$/m);
      assert.deepEqual(await site.queue(), []);
    },
  );

  await t.test(
    "while the host is down new ones wait at their sender's, known ones in our queue",
    async (u) => {
      const { port } = remote;
      remote.close();
      const unknown = await site.strangerSends({ from: STRANGER, to: "new@inner.example" });
      assert.match(unknown, /^451 4\.4\.1 the mail server of this domain cannot be asked/);
      idIn(await site.strangerSends({ from: STRANGER, to: "iris@inner.example" }));
      assert.match(await site.deferred(), /^outcome +451 4\.4\.1 /m);
      const back = await ScriptedServer.open(u, {}, { port });
      await site.act("retry");
      await site.settled();
      assert.equal(back.envelopes.at(-1)?.[1], "RCPT TO:<iris@inner.example>");
    },
  );

  await t.test("no gateway, no mail: its domain is a stranger's as any other", async () => {
    await site.reload("relay.domains=[]");
    const reply = await site.strangerSends({ from: STRANGER, to: "iris@inner.example" });
    assert.match(reply, /^550 5\.7\.1 relaying denied/);
  });
});
