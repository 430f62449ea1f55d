/** What a login asks of reports (RFC 3461): passed on to who offers DSN, and kept by us for who does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readReport } from "../interop/support/report-reader.ts";
import { handIn, idIn, type Letter } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";

const WITHOUT_DSN = ["PIPELINING", "8BITMIME"];

test("reports as the sender wants them", async (t) => {
  const site = await SendingSite.start(t, { script: { offers: WITHOUT_DSN } });
  const { remote } = site;
  const to = "eve@foreign.example";

  async function report(letter: Omit<Letter, "from">) {
    const id = idIn(await site.bobSends(letter));
    const read = await readReport(await site.arrived(BOB));
    const [about, group] = read.groups;
    return { ...read, id, about, group };
  }

  await t.test(
    "a server that offers DSN gets all of it, and we say nothing of success",
    async () => {
      remote.script = { offers: [...WITHOUT_DSN, "DSN"] };
      remote.hangUp();
      const wanted = `${to} NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;eve+40home.example`;
      const id = idIn(await site.bobSends({ to: wanted, parameters: "RET=HDRS ENVID=q+2B1" }));
      await site.settled();
      const [mail = "", rcpt] = remote.envelopes.at(-1) ?? [];
      assert.match(mail, /^MAIL FROM:<bob@local\.example> RET=HDRS ENVID=q\+2B1$/);
      assert.equal(rcpt, `RCPT TO:<${to}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;eve@home.example`);
      assert.deepEqual(await site.fetch(BOB), []);
      assert.doesNotMatch(await site.explain(id), /reported/);
    },
  );

  await t.test("one without DSN gets none of it, and success is reported as relayed", async () => {
    remote.script = { offers: WITHOUT_DSN };
    remote.hangUp();
    const wanted = `${to} NOTIFY=SUCCESS ORCPT=rfc822;eve@home.example`;
    const { about, group, text, types } = await report({ to: wanted, parameters: "ENVID=q+2B1" });
    assert.deepEqual(remote.envelopes.at(-1), [`MAIL FROM:<${BOB}>`, `RCPT TO:<${to}>`]);
    assert.equal(about?.get("Original-Envelope-Id"), "q+1");
    assert.equal(group?.get("Action"), "relayed");
    assert.match(group?.get("Status") ?? "", /^2\./);
    assert.equal(group?.get("Original-Recipient"), "rfc822; eve@home.example");
    assert.equal(types[3], "text/rfc822-headers");
    assert.match(text, /mx\.foreign\.example/);
  });

  await t.test("NOTIFY=NEVER: a failure is told to nobody", async () => {
    remote.script = {
      answer: (command) => (command.startsWith("RCPT") ? "550 5.1.1 no" : undefined),
    };
    const id = idIn(await site.bobSends({ to: `${to} NOTIFY=NEVER` }));
    await site.settled();
    const text = await site.explain(id);
    assert.match(text, /failed\n {11}550 5\.1\.1 no\n {11}not reported: the sender did not ask/);
    assert.deepEqual(await site.fetch(BOB), []);
  });

  await t.test("RET=FULL: the message comes back whole, to NOTIFY=FAILURE", async () => {
    const content = `From: <${BOB}>\r\nSubject: whole\r\n\r\n.. dots\r\nand all`;
    const { returned, types, id, group } = await report({
      to: `${to} NOTIFY=FAILURE`,
      parameters: "RET=FULL",
      content,
    });
    assert.equal(types[3], "message/rfc822");
    assert.equal(group?.get("Action"), "failed");
    assert.ok(returned.startsWith("Received: "), returned);
    assert.match(returned, new RegExp(`^Message-ID: <${id}@`, "m"));
    assert.ok(returned.trimEnd().endsWith(content.replace("..", ".")), returned);
  });

  await t.test("a report that fails itself is answered by nobody", async () => {
    const talk = await site.login();
    const content = `From: <${BOB}>\r\nSubject: receipt\r\n\r\ntext`;
    const reply = await handIn(talk, { from: "", to, content });
    talk.destroy();
    const id = idIn(reply);
    await site.settled();
    assert.match(await site.explain(id), /not reported: never a report about a report/);
    assert.deepEqual(await site.fetch(BOB), []);
  });
});
