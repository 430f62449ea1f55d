/** A domain of the directory whose mailboxes are in another server: signed, with aliases here, and nobody of its own here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publicKeyRecord } from "../../src/service/signing/index.ts";
import { verifyMessage } from "../service/signing/verifier.ts";
import { domainOf } from "../support/memory-directory.ts";
import { handIn, idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const INNER = domainOf("inner.example");
const STRANGER = "Sam@strange.example";

test("a domain whose mailboxes are elsewhere, in the directory", async (t) => {
  const site = await SendingSite.start(t, {
    settings: (port) => [
      `relay.domains=[{ domain = "inner.example", host = "127.0.0.1:${port}" }]`,
      "relay.unknown_seconds=0",
    ],
    script: {
      answer: (command) =>
        /^RCPT TO:<(?!iris@inner|eve@foreign|Sam@strange)/.test(command)
          ? "550 5.1.1 not one of us"
          : undefined,
    },
  });
  const { remote, session, zone } = site;
  zone.mx("strange.example", "10 mx.foreign.example");
  await site.change((to) => to.domains.add("inner.example"));

  /** Sends, and waits until all of it has left; the envelope that was said last. */
  async function envelope(from: string, to: string | string[]): Promise<readonly string[]> {
    idIn(await site.strangerSends({ from, to }));
    await site.settled();
    return remote.envelopes.at(-1) ?? [];
  }

  await t.test("who is there gets his mail there, who is not is refused", async () => {
    const [, rcpt] = await envelope(STRANGER, "iris@inner.example");
    assert.equal(rcpt, "RCPT TO:<iris@inner.example>");
    for (const to of ["nobody@inner.example", "ann@inner.example"])
      assert.match(
        await site.strangerSends({ from: STRANGER, to }),
        /^550 5\.1\.1 no such mailbox on the server of this domain/,
      );
  });

  await t.test("what a login sends as one of its addresses is signed with its keys", async () => {
    const content =
      "From: Iris <iris@inner.example>\r\nTo: <eve@foreign.example>\r\nSubject: x\r\n\r\nHi\r\n";
    const send = async () => {
      const talk = await site.login();
      const from = "iris@inner.example";
      const reply = await handIn(talk, { from, to: "eve@foreign.example", content });
      talk.destroy();
      return reply;
    };
    assert.match(await send(), /^550 5\.7\.1 bob@local\.example may not send as iris@inner/);
    await site.change((to) => to.mailboxes.changeSender(BOB, "iris@inner.example", "allow-sender"));
    idIn(await send());
    await site.settled();
    const keys = session.directory.dkimKeys(INNER);
    const records = new Map(keys.map((key) => [key.selector, publicKeyRecord(key)]));
    const verified = verifyMessage(Buffer.from(remote.messages.at(-1) ?? "", "latin1"), records);
    assert.deepEqual(
      verified.map(({ selector, domain }) => `${selector} ${domain}`),
      keys.map(({ selector }) => `${selector} inner.example`),
    );
    assert.ok(verified.length === 2 && verified.every((one) => one.bodyHash && one.signature));
  });

  await t.test("its alias leads here and there, under the sender's own path", async () => {
    const targets = [BOB, "Iris@inner.example"];
    await site.change((to) => to.aliases.set("info@inner.example", targets, "add"));
    remote.script = {};
    const [mail = "", rcpt] = await envelope(STRANGER, "Info+shop@inner.example");
    assert.match(mail, /^MAIL FROM:<Sam@strange\.example>/);
    assert.equal(rcpt, "RCPT TO:<Iris@inner.example>");
    assert.match(await site.arrived(BOB), /^Return-Path: <Sam@strange\.example>\r$/m);
    assert.ok(!remote.commands.some((line) => /^RCPT TO:<info/i.test(line)), "nobody asked for it");
    assert.doesNotMatch(remote.messages.at(-1) ?? "", /^ARC-/m, "it is at home there");
  });

  await t.test(
    "one that leads abroad sends under a path of the domain, which takes reports",
    async () => {
      await site.change((to) =>
        to.aliases.set("off@inner.example", ["eve@foreign.example"], "add"),
      );
      const [mail = "", rcpt] = await envelope(STRANGER, "off@inner.example");
      assert.equal(rcpt, "RCPT TO:<eve@foreign.example>");
      assert.match(remote.messages.at(-1) ?? "", /^ARC-Seal: i=1;/m);
      const returns = /^MAIL FROM:<(SRS0=[^=]+=[^=]+=strange\.example=Sam@inner\.example)>/.exec(
        mail,
      );
      assert.ok(returns?.[1] !== undefined, mail);
      const [, back] = await envelope("", returns[1]);
      assert.equal(back, "RCPT TO:<Sam@strange.example>");
      const forged = returns[1].replace("=Sam@", "=Tom@");
      const denied = /^550 5\.7\.1 relaying denied/;
      assert.match(await site.strangerSends({ from: "", to: forged }), denied);
      assert.match(await site.strangerSends({ from: STRANGER, to: returns[1] }), denied);
    },
  );

  await t.test("an alias is taken away: its name is asked for there", async () => {
    await site.change((to) => to.aliases.remove("off@inner.example"));
    remote.script = {
      answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 no" : undefined),
    };
    const reply = await site.strangerSends({ from: STRANGER, to: "off@inner.example" });
    assert.match(reply, /^550 5\.1\.1 no such mailbox on the server of this domain/);
  });

  await t.test("its postmaster is ours when the store knows none", async () => {
    idIn(await site.strangerSends({ from: STRANGER, to: "postmaster@inner.example" }));
    assert.match(await site.arrived(USER), /^Return-Path: <Sam@strange\.example>\r$/m);
  });

  await t.test("it gets no mailbox here, and one with mailboxes gets no store", async () => {
    const { administration } = session;
    const outcome = await administration.mailboxes.add("iris@inner.example", "secret");
    assert.match(
      outcome.kind === "problem" ? outcome.problem : "done",
      /the mailboxes of inner\.example are at 127\.0\.0\.1:\d+ \(setting relay\.domains\)/,
    );
    await assert.rejects(
      site.reload('relay.domains=[{ domain = "local.example", host = "127.0.0.1" }]'),
      /local\.example has 2 mailboxes here/,
    );
  });

  await t.test("no store, no mail: its domain has nobody then, and its aliases stay", async () => {
    await site.reload("relay.domains=[]");
    const say = async (to: string) => site.strangerSends({ from: STRANGER, to });
    assert.match(await say("iris@inner.example"), /^550 5\.1\.1 no such mailbox here/);
    idIn(await say("info@inner.example"));
    assert.match(await site.arrived(BOB), /^Return-Path: <Sam@strange\.example>\r$/m);
    assert.deepEqual(await site.queue(), []);
  });
});
