/** What an alias forwards leaves with a seal (ARC): of what was true when it came, by its domain, from one server to the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { idIn } from "./letter.ts";
import { chainOf, lastMessage, publish, sealingSite, seen } from "./sealed-site.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { portOf, USER } from "./site.ts";
import { Talk } from "./talk.ts";

const ALIAS = "eve@local.example";
const STRANGER = "sam@strange.example";
const HEADER = `From: Sam <${STRANGER}>\r\nTo: <${ALIAS}>\r\nSubject: hello\r\n`;

test("a forward is sealed", async (t) => {
  const { site, records } = await sealingSite(t, ALIAS, "eve@foreign.example");
  const { zone, remote } = site;
  zone.txt("strange.example", "v=spf1 ip4:127.0.0.1 -all");
  zone.txt("_dmarc.strange.example", "v=DMARC1; p=reject");

  async function forwarded(
    content: string,
    to: string | string[] = ALIAS,
    from = STRANGER,
  ): Promise<string> {
    const id = idIn(await site.strangerSends({ from, to, content }));
    await site.settled();
    return site.explain(id);
  }

  await t.test("with what was found out about it; the journal says so", async () => {
    const bodies = [
      "Hi\r\n",
      "..\r\n a  b \r\n\r\n\r\n",
      `${"x".repeat(5000)}\r\n`,
      "many words \r\n".repeat(40_000), // comes in many pieces
    ];
    for (const body of bodies) {
      const text = await forwarded(`${HEADER}\r\n${body}`);
      assert.match(
        text,
        /\n +[\d.]+ s?  ARC seal 1 of local\.example: arc=none spf=pass dkim=none dmarc=pass\n/,
      );
      assert.equal(await chainOf(lastMessage(site), records), "pass 1");
    }
    const head = lastMessage(site).toString().split("\r\n\r\n", 1)[0] ?? "";
    assert.match(head, /^Received: from [^]*\r\nARC-Seal: i=1;[^]*\r\nARC-Message-Signature: i=1;/);
    assert.match(head, /\r\nARC-Authentication-Results: i=1; mx\.local\.example;\r\n/);
  });

  await t.test(
    "also where fields that are ours alone are taken off, and for a mailbox beside it",
    async () => {
      const ours =
        "Return-Path: <x@y.example>\r\nAuthentication-Results: mx.local.example; spf=pass\r\n";
      await forwarded(`${ours}${HEADER}\r\nHi\r\n`, [USER, ALIAS]);
      assert.equal(await chainOf(lastMessage(site), records), "pass 1");
      const copy = await site.arrived(USER);
      assert.doesNotMatch(copy, /y\.example/);
      assert.equal(await chainOf(Buffer.from(copy, "latin1"), records), "pass 1");
    },
  );

  await t.test("and what does not go on is not, nor what a login hands in", async () => {
    const text = await forwarded(`${HEADER}\r\nHi\r\n`, USER);
    assert.doesNotMatch(text, /ARC/);
    assert.doesNotMatch(await site.arrived(USER), /^ARC-/m);
    const id = idIn(await site.bobSends({ to: ALIAS, content: `From: <${BOB}>\r\n\r\nHi\r\n` }));
    await site.settled();
    assert.doesNotMatch(await site.explain(id), /ARC/);
    assert.doesNotMatch(lastMessage(site).toString(), /^ARC-/m);
    const { dkim } = await seen(lastMessage(site), records);
    assert.deepEqual(
      dkim.results.map(({ status }) => status.result),
      ["pass", "pass"],
    );
  });

  await t.test("a message that is more than anybody reads leaves without", async () => {
    const text = await forwarded(`${"DKIM-Signature: v=1\r\n".repeat(900)}${HEADER}\r\nHi\r\n`);
    assert.match(text, /no ARC seal of local\.example: it has more than 8 DKIM signatures\n/);
    assert.doesNotMatch(lastMessage(site).toString(), /^ARC-/m);
  });

  await t.test("a client that leaves in the middle leaves nothing behind", async () => {
    const before = remote.messages.length;
    const talk = await Talk.to(portOf(site.server, "smtp"));
    await talk.reply();
    for (const line of ["EHLO x.example", `MAIL FROM:<${STRANGER}>`, `RCPT TO:<${ALIAS}>`, "DATA"])
      await talk.ask(line);
    talk.say(`${HEADER}\r\nhalf`);
    talk.destroy();
    await forwarded(`${HEADER}\r\nwhole\r\n`);
    assert.equal(remote.messages.length, before + 1);
  });

  await t.test(
    "where the DNS does not answer it leaves without, and the journal says why",
    async () => {
      zone.broken("dead.example");
      const text = await forwarded(`${HEADER}\r\nHi\r\n`, ALIAS, "sam@dead.example");
      const reason = "the DNS did not say: dead.example TXT: servfail";
      assert.ok(text.includes(`no ARC seal of local.example: ${reason}\n`), text);
      assert.doesNotMatch(lastMessage(site).toString(), /^ARC-/m);
    },
  );
});

test("a forward of a domain without keys leaves as it came", async (t) => {
  const site = await SendingSite.start(t);
  await site.change((to) => to.aliases.set(ALIAS, ["eve@foreign.example"], "add"));
  const id = idIn(await site.strangerSends({ from: STRANGER, to: ALIAS }));
  await site.settled();
  assert.doesNotMatch(await site.explain(id), /ARC/);
  assert.doesNotMatch(lastMessage(site).toString(), /^ARC-/m);
});

test("two servers, one after the other, make one chain", async (t) => {
  const second = await sealingSite(t, "eve@second.example", "eve@foreign.example");
  const port = portOf(second.site.server, "smtp");
  const first = await sealingSite(t, ALIAS, "eve@second.example", {
    settings: () => [`routes={ "second.example" = "smtp://127.0.0.1:${port}" }`],
  });
  first.site.zone.txt("strange.example", "v=spf1 ip4:127.0.0.1 -all");
  publish(first.records, second.site.zone);
  const records = new Map([...first.records, ...second.records]);

  const content = `${HEADER}\r\nHi\r\n`;
  idIn(await first.site.strangerSends({ from: STRANGER, to: ALIAS, content }));
  await first.site.settled();
  await second.site.settled();
  const message = lastMessage(second.site);
  assert.match(message.toString(), /\r\nARC-Seal: i=2; a=rsa-sha256; cv=pass;/);
  assert.equal(await chainOf(message, records), "pass 2");

  // Somebody between them writes into it.
  const changed = message
    .toString("latin1")
    .replace(/^[^]*?(?=ARC-Seal: i=1;)/, "")
    .replace("Hi", "[x] Hi");
  const talk = await second.site.strangerSends({
    from: STRANGER,
    to: "eve@second.example",
    content: changed,
  });
  const id = idIn(talk);
  await second.site.settled();
  assert.match(await second.site.explain(id), /ARC seal 2 of second\.example: arc=fail /);
  assert.match(await chainOf(lastMessage(second.site), records), /^fail/);
});
