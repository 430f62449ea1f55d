/** Mail of a login that cannot be delivered: as what it comes back to its sender, or why it waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readReport, type ReadReport } from "../interop/support/report-reader.ts";
import type { Script } from "../support/scripted-server.ts";
import { idIn, type Letter } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";

/** Answers of the server elsewhere to commands that begin so; yes to all others. */
function says(answers: Readonly<Record<string, string>>): Script {
  const entries = Object.entries(answers);
  return { answer: (command) => entries.find(([begin]) => command.startsWith(begin))?.[1] };
}

test("mail that cannot be delivered", async (t) => {
  const site = await SendingSite.start(t);
  const { remote, zone } = site;
  const to = "eve@foreign.example";

  /** It is accepted here, and comes back: the report, as another program reads it. */
  async function comesBack(
    letter: Omit<Letter, "from"> = { to },
  ): Promise<ReadReport & { id: string; group: ReadonlyMap<string, string> }> {
    const id = idIn(await site.bobSends(letter));
    const message = await site.arrived(BOB);
    await site.settled();
    assert.match(message, /^Return-Path: <>\r\n/);
    const report = await readReport(message);
    const [about, group = new Map<string, string>()] = report.groups;
    assert.deepEqual(report.defects, []);
    assert.equal(report.to, BOB);
    assert.equal(about?.get("Reporting-MTA"), "dns; mx.local.example");
    assert.match(report.returned, new RegExp(`^Message-ID: <${id}@`, "m"));
    assert.match(await site.explain(id), /\n {11}reported: /);
    return { ...report, id, group };
  }

  for (const [where, script, enhanced, words] of [
    ["RCPT", says({ RCPT: "550 5.1.1 no Eve here" }), "5.1.1", "550 5.1.1 no Eve here"],
    ["the dot", says({ ".": "554-5.7.1 no\r\n554 5.7.1 spam" }), "5.7.1", "554-5.7.1 no"],
    ["the greeting", says({ greeting: "554 5.3.2 closed" }), "5.3.2", "554 5.3.2 closed"],
  ] as const)
    await t.test(`5xx at ${where} comes back in the server's words`, async () => {
      remote.script = script;
      remote.hangUp(); // a connection that lies idle is not greeted again
      const { group, text, types } = await comesBack();
      assert.equal(types[3], "text/rfc822-headers");
      assert.equal(group.get("Final-Recipient"), "rfc822; eve@foreign.example");
      assert.deepEqual([group.get("Action"), group.get("Status")], ["failed", enhanced]);
      assert.equal(group.get("Remote-MTA"), "dns; mx.foreign.example");
      assert.ok(group.get("Diagnostic-Code")?.startsWith(`smtp; ${words}`));
      assert.ok(text.includes(words), text);
    });

  await t.test(
    "of several recipients only those that failed are named, in one report",
    async () => {
      remote.script = says({ "RCPT TO:<m": "550 5.1.1 nobody" });
      const { groups } = await comesBack({
        to: ["mel@foreign.example", to, "moe@foreign.example"],
      });
      const named = groups.slice(1).map((group) => group.get("Final-Recipient"));
      assert.deepEqual(named, ["rfc822; mel@foreign.example", "rfc822; moe@foreign.example"]);
      assert.equal(remote.envelopes.at(-1)?.length, 4);
    },
  );

  await t.test("what the server has no letters for comes back, in its own code", async () => {
    remote.script = { offers: [] };
    remote.hangUp();
    const messages = remote.messages.length;
    const content = `From: <${BOB}>\r\nSubject: x\r\n\r\nfür dich`;
    const eight = await comesBack({ to, content });
    assert.equal(eight.group.get("Status"), "5.6.3");
    const header = await comesBack({
      to,
      content: content.replace("Subject: x", "Subject: grün"),
      parameters: "SMTPUTF8",
    });
    assert.equal(header.group.get("Status"), "5.6.9");
    assert.equal(header.types[2], "message/global-delivery-status");
    assert.match(header.returned, /^Subject: grün\r$/m);
    assert.equal(remote.messages.length, messages);
  });

  await t.test("what the DNS says for good comes back without a connection", async () => {
    remote.script = {};
    const connections = remote.talks.length;
    zone.mx("null.example", "0 .");
    zone.mx("loop.example", "10 mx.local.example", "20 mx.foreign.example");
    for (const [domain, status, words] of [
      ["null.example", "5.1.10", "556 5.1.10 null.example takes no mail"],
      ["nowhere.example", "5.1.2", "550 5.1.2 there is no domain nowhere.example"],
      ["loop.example", "5.4.6", "554 5.4.6 mail for loop.example would come back to this server"],
    ] as const) {
      const { group, text } = await comesBack({ to: `eve@${domain}` });
      assert.equal(group.get("Status"), status);
      assert.equal(group.get("Remote-MTA"), undefined);
      assert.ok(text.replaceAll(/\s+/g, " ").includes(words.slice(11)), text);
    }
    assert.equal(remote.talks.length, connections);
  });

  await t.test("a server at a private address is not connected to, by default", async () => {
    await site.stop();
    const loose = 'delivery.private_addresses="allow"';
    await site.serve('delivery.private_addresses="refuse"');
    const connections = remote.talks.length;
    const { group } = await comesBack();
    assert.equal(group.get("Status"), "5.4.4");
    assert.equal(remote.talks.length, connections);
    await site.stop();
    await site.serve(loose);
  });

  await t.test(
    "a greylist: it waits with the server's words, and goes with the next try",
    async () => {
      let tries = 0;
      remote.script = {
        answer: (command) =>
          command.startsWith("RCPT") && tries++ === 0
            ? "450 4.2.0 greylisted, come back"
            : undefined,
      };
      const id = idIn(await site.bobSends({ to }));
      const shown = await site.deferred();
      assert.match(shown, /^state +waiting for the next attempt/m);
      assert.match(shown, /^attempts +1, the last at/m);
      assert.match(shown, /^by +mx\.foreign\.example \[127\.0\.0\.1\]$/m);
      assert.match(shown, /^it said +450 4\.2\.0 greylisted, come back$/m);
      assert.equal(await site.act("retry"), 1);
      await site.settled();
      assert.equal(remote.messages.filter((message) => message.includes(id)).length, 1);
      const text = await site.explain(id);
      assert.match(text, /deferred, again at[^]*450 4\.2\.0[^]*delivered\n {11}250 2\.0\.0/);
      assert.deepEqual(await site.fetch(BOB), []);
    },
  );

  await t.test("nobody there, or silence in the session: it waits, and says why", async () => {
    zone.mx("away.example", "10 away.example").a("away.example", "127.0.0.9");
    await site.bobSends({ to: "eve@away.example" });
    assert.match(
      await site.deferred(),
      /^outcome +451 4\.4\.1 away\.example .*cannot be reached$/m,
    );
    assert.equal(await site.act("remove"), 1);
    remote.script = says({ DATA: "DROP" });
    await site.bobSends({ to });
    const shown = await site.deferred();
    assert.match(shown, /^outcome +451 4\.4\.2 /m);
    assert.doesNotMatch(shown, /in doubt/);
    assert.equal(await site.act("remove"), 1);
    remote.script = says({ ".": "DROP" });
    await site.bobSends({ to });
    assert.match(await site.deferred(), /^note +in doubt: it may have been delivered already$/m);
    assert.equal(await site.act("remove"), 1);
    assert.deepEqual(await site.fetch(BOB), []);
  });
});
