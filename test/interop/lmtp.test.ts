/** Gatepost before Dovecot and Cyrus, which have the mailboxes of a domain and take their mail by LMTP. */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { converse } from "./support/conversation.ts";
import { startCyrus } from "./support/cyrus.ts";
import { startDovecot } from "./support/dovecot.ts";
import type { LmtpServer, LmtpUser } from "./support/lmtp-server.ts";
import { takeMessage } from "./support/mailbox.ts";
import { send } from "./support/sender.ts";
import { startSite, type Site } from "./support/site.ts";
import { eventually } from "./support/waiting.ts";

interface Store {
  readonly name: string;
  readonly start: () => Promise<LmtpServer>;
  /** What is said of a mailbox that is full, when it is to take a message. */
  readonly full: RegExp;
  /** It goes by what is in the mailbox, so that the message which makes it full is taken. */
  readonly takesOne?: true;
}

const STORES: readonly Store[] = [
  {
    name: "Dovecot behind its socket, where a full mailbox is a reason to wait",
    start: () => startDovecot({ by: "socket", full: "later" }),
    full: /<full@inner\.example> deferred, again at .*\n +452 4\.2\.2 .*Quota exceeded/,
  },
  {
    name: "Dovecot on a port, where a full mailbox is a reason to give up",
    start: () => startDovecot({ by: "port", full: "never" }),
    full: /<full@inner\.example> failed\n +552 5\.2\.2 .*Quota exceeded/,
  },
  {
    name: "Cyrus behind its socket",
    start: startCyrus,
    takesOne: true,
    full: /<full@inner\.example> deferred, again at .*\n +452 4\.2\.2 Over quota/,
  },
];

for (const { name, start, full, takesOne } of STORES)
  describe(name, () => {
    let store: LmtpServer;
    let site: Site;
    before(async () => {
      store = await start();
      site = await startSite({
        settings: [
          `relay.domains=[{ domain = "inner.example", mailboxes = "${store.mailboxes}" }]`,
        ],
      });
    });
    after(async () => {
      await site.stop();
      await store.stop();
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

    const there = (user: LmtpUser, subject: string): Promise<string> =>
      eventually(
        () => store.messages(user).find((text) => text.includes(`Subject: ${subject}`)),
        () => `nothing came to ${user}\n${site.log()}\n${store.log()}`,
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

    test("a tag, and another case, are the same mailbox, as the store has it", async () => {
      await send(site, Buffer.from("Subject: tag\r\n\r\ntext\r\n"), "Bob+tag@inner.example");
      await there("bob", "tag");
    });

    test("postmaster, who has no mailbox there, has one here", async () => {
      const message = Buffer.from("Subject: for the postmaster\r\n\r\ntext\r\n");
      await send(site, message, "Postmaster@inner.example");
      assert.match((await takeMessage(site)).toString(), /^Subject: for the postmaster\r$/m);
    });

    test("one of two has no room: the other has the message, once, and only he is put off or given up", async () => {
      if (takesOne) {
        await deliver("one", "full");
        await there("full", "one");
      }
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
          return full.test(stdout.toString()) ? stdout.toString() : undefined;
        },
        () => `${said.join("\n")}\n${site.log()}`,
      );
      assert.match(told, /<carl@inner\.example> delivered\n +250 2\.\d\.\d /);
      const has = (user: LmtpUser): number =>
        store.messages(user).filter((text) => text.includes("Subject: two")).length;
      assert.deepEqual([has("full"), has("carl")], [0, 1]);
    });

    test("in the directory the domain has keys, records and aliases; its mailboxes stay there", async () => {
      const setting = `\n[[relay.domains]]\ndomain = "inner.example"\nmailboxes = "${store.mailboxes}"\n`;
      appendFileSync(join(site.directory, "gatepost.toml"), setting); // as the server was told
      const gatepost = async (...args: readonly string[]): Promise<string> => {
        const { code, said } = await site.gatepost(...args);
        assert.equal(code, 0, said);
        return said;
      };
      assert.ok(
        (await gatepost("domain", "add", "inner.example")).includes(
          `added inner.example; its mailboxes are at ${store.mailboxes}, here it has aliases alone`,
        ),
      );
      const refused = await site.gatepost("mailbox", "add", "bob@inner.example");
      assert.equal(refused.code, 1);
      assert.match(refused.said, /the mailboxes of inner\.example are at lmtp:/);
      const records = await gatepost("domain", "records", "inner.example");
      assert.match(records, /^\S+\._domainkey\.inner\.example\. 3600 IN TXT "v=DKIM1; k=ed25519/m);
      assert.doesNotMatch(records, /SRV|autoconfig/);
      const members = ["bob@inner.example", "carl@inner.example", "user@local.example"];
      await gatepost("alias", "add", "team@inner.example", ...members);
      await send(site, Buffer.from("Subject: team\r\n\r\ntext\r\n"), "Team+x@inner.example");
      for (const user of ["bob", "carl"] as const)
        assert.match(await there(user, "team"), /^Return-Path: <sender@remote\.example>$/m);
      assert.match((await takeMessage(site)).toString(), /^Subject: team\r$/m);
      const said = await deliver("nobody", "nobody", "user", "bob");
      assert.deepEqual(
        said.filter((line) => /^(?:250 2\.1\.5|550)/.test(line)).map((line) => line.slice(0, 9)),
        ["550 5.1.1", "550 5.1.1", "250 2.1.5"],
      );
      await there("bob", "nobody");
    });
  });
