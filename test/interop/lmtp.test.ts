/** Gatepost before Dovecot, which has the mailboxes of a domain and takes their mail by LMTP. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { converse } from "./support/conversation.ts";
import { startDovecotLmtp, type LmtpServer } from "./support/dovecot-lmtp.ts";
import { send } from "./support/sender.ts";
import { startSite, type Site } from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

const FULL = ["later", "never"] as const;

for (const full of FULL)
  describe(`Dovecot, where a full mailbox is a reason ${full === "later" ? "to wait" : "to give up"}`, () => {
    let dovecot: LmtpServer;
    let site: Site;
    before(async () => {
      dovecot = await startDovecotLmtp(full);
      const mailboxes = `lmtp://127.0.0.1:${dovecot.port}`;
      site = await startSite({
        settings: [`relay.domains=[{ domain = "inner.example", mailboxes = "${mailboxes}" }]`],
      });
    });
    after(async () => {
      await site.stop();
      await dovecot.stop();
    });

    /** One message for all of them, from our user's address; what RCPT and the dot were answered. */
    async function deliver(subject: string, ...locals: readonly string[]): Promise<string[]> {
      const said = await converse(site.ports.smtp, [
        "EHLO client.example",
        "MAIL FROM:<user@local.example>",
        ...locals.map((local) => `RCPT TO:<${local}@inner.example>`),
        "DATA",
        `Subject: ${subject}\r\n\r\n.text\r\n.`,
        "QUIT",
      ]);
      return said.toString().split("\r\n").slice(0, -1);
    }

    const there = (user: "bob" | "carl", subject: string): Promise<string> =>
      eventually(
        () => dovecot.messages(user).find((text) => text.includes(`Subject: ${subject}`)),
        () => `nothing came to ${user}\n${site.log()}\n${dovecot.log()}`,
      );

    test("a known user gets mail", async () => {
      await send(site, Buffer.from("Subject: known\r\n\r\n.text\r\n"), "bob@inner.example");
      const stored = await there("bob", "known");
      assert.match(stored, /^Return-Path: <sender@remote\.example>$/m);
      assert.match(stored, /^Received: from .*\n\tby mx\.local\.example/m);
      assert.match(stored, /\n\n\.text\n$/);
    });

    test("an unknown one is refused in the session", async () => {
      const said = await converse(site.ports.smtp, [
        "EHLO client.example",
        "MAIL FROM:<sender@remote.example>",
        "RCPT TO:<nobody@inner.example>",
        "RCPT TO:<carl@inner.example>",
        "QUIT",
      ]);
      const [refused, taken] = said.toString().split("\r\n").slice(-4);
      assert.match(refused ?? "", /^550 5\.1\.1 /);
      assert.match(taken ?? "", /^250 2\.1\.5 /);
    });

    test("one of two has no room: the other has the message, once, and only he is put off or given up", async () => {
      const said = await deliver("two", "full", "carl");
      assert.ok(
        said.some((line) => line.startsWith("250 2.0.0 ")),
        said.join("\n"),
      );
      await there("carl", "two");
      const [, session = ""] = /accepted as (\S+)-1/.exec(said.join("\n")) ?? [];
      const told = await eventually(
        async () => {
          const { stdout } = await site.gatepost("explain", session);
          return stdout.includes("Quota exceeded") ? stdout.toString() : undefined;
        },
        () => `${said.join("\n")}\n${site.log()}`,
      );
      const fate =
        full === "later"
          ? /<full@inner\.example> deferred, again at .*\n +452 4\.2\.2 .*Quota exceeded/
          : /<full@inner\.example> failed\n +552 5\.2\.2 .*Quota exceeded/;
      assert.match(told, fate);
      assert.match(told, /<carl@inner\.example> delivered\n +250 2\.0\.0 /);
      assert.equal(dovecot.messages("full").length, 0);
      assert.equal(dovecot.messages("carl").filter((text) => text.includes("two")).length, 1);
    });
  });
