/** Gatepost before Exim or Postfix, as the gateway of a domain: who is there is asked in the session, and they are believed. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { converse } from "./support/conversation.ts";
import { KIB, makeMessage } from "./support/messages.ts";
import { Pair } from "./support/pair.ts";
import { PEERS } from "./support/peers.ts";
import { send } from "./support/sender.ts";

for (const [name, startPeer] of PEERS)
  describe(`the gateway of ${name}`, () => {
    let pair: Pair;
    before(async () => {
      pair = await Pair.start(startPeer);
    });
    after(() => pair.stop());

    /** What RCPT is answered. */
    async function recipient(local: string): Promise<string> {
      const said = await converse(pair.site.ports.smtp, [
        "EHLO client.example",
        "MAIL FROM:<sender@remote.example>",
        `RCPT TO:<${local}@office.example>`,
        "QUIT",
      ]);
      return said.toString().split("\r\n").at(-3) ?? "";
    }

    test("takes mail for those who are there, and hands it on", async () => {
      const message = makeMessage("office", { bytes: 64 * KIB });
      await send(pair.site, message, "bob@office.example");
      const [found = ""] = await pair.eventually(() => {
        const messages = pair.peer.messages("bob");
        return messages.length === 0 ? undefined : messages;
      });
      assert.match(found, /^Return-Path: <sender@remote\.example>$/im);
      assert.match(found, /^Subject: office$/m);
    });

    test("refuses the others in the session, and puts off whom it is told to", async () => {
      assert.match(await recipient("nobody"), /^550 5\.1\.1 /);
      assert.match(await recipient("later"), /^451 4\.\d\.\d /);
      assert.match(await recipient("bob"), /^250 2\.1\.5 /);
      await pair.settled();
    });
  });
