/** Others verify what left a site: the chain of what its alias forwarded, and the signature of its own report. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { handIn } from "../e2e/letter.ts";
import { lastMessage, publish, sealingSite } from "../e2e/sealed-site.ts";
import { BOB } from "../e2e/sending-site.ts";
import { asItLeaves } from "../service/signing/as-it-leaves.ts";
import { World } from "../service/authentication/world.ts";
import { HOSTILE } from "../service/signing/hostile.ts";
import { DOMAIN, RECORDS, signed } from "../service/signing/site.ts";
import { pythonArc } from "./support/arc-verifier.ts";
import { openDkim, pythonDkim } from "./support/dkim-verifiers.ts";

const ALIAS = "eve@local.example";
const STRANGER = "sam@strange.example";

test("a forward on the wire, again and again", async (t) => {
  const { site, records } = await sealingSite(t, ALIAS, "eve@foreign.example");
  site.zone.txt("strange.example", "v=spf1 ip4:127.0.0.1 -all");
  let content = `From: Sam <${STRANGER}>\r\nSubject: hello\r\n\r\n..\r\n a  b \r\n\r\n`;
  for (const sets of [1, 2, 3]) {
    assert.match(await site.strangerSends({ from: STRANGER, to: ALIAS, content }), /^250 /);
    await site.settled();
    const message = lastMessage(site);
    assert.equal(await pythonArc(message, records), `pass ${sets}`);
    content = message.toString("latin1").slice(0, -2).replaceAll("\r\n.", "\r\n..");
  }
  const forged = lastMessage(site).toString("latin1").replace(" a  b", " a  c");
  assert.match(await pythonArc(Buffer.from(forged, "latin1"), records), /^fail/);
});

for (const [name, message] of HOSTILE) {
  // It takes no message with blanks before a colon (RFC 5322 §4.5).
  if (name === "fields in other letters, blanks before the colon") continue;
  test(`a forward, whatever it looks like: ${name}`, async () => {
    const { sent } = await new World().forward(await signed(message));
    const records = new Map(
      [...RECORDS].map(([selector, text]) => [`${selector}._domainkey.${DOMAIN}`, text]),
    );
    assert.equal(await pythonArc(asItLeaves(sent), records), "pass 1");
  });
}

test("a report of ours to a sender whose address leads elsewhere", async (t) => {
  const { site, records } = await sealingSite(t, "sales@local.example", "bob@foreign.example");
  publish(records, site.zone);
  await site.change((to) => to.mailboxes.changeSender(BOB, "sales@local.example", "allow-sender"));
  site.remote.script = {
    answer: (command) =>
      command.startsWith("RCPT TO:<nobody@") ? "550 5.1.1 nobody here" : undefined,
  };
  const content = "From: sales@local.example\r\nSubject: offer\r\n\r\ntext";
  const talk = await site.login();
  const letter = { from: "sales@local.example", to: "nobody@foreign.example", content };
  assert.match(await handIn(talk, letter), /^250 /);
  talk.destroy();
  await site.settled();
  const report = lastMessage(site);
  assert.match(
    report.toString(),
    /\r\nFrom: "Mail server mx\.local\.example" <ann@local\.example>/,
  );
  assert.deepEqual(site.remote.envelopes.at(-1), ["MAIL FROM:<>", "RCPT TO:<bob@foreign.example>"]);
  assert.doesNotMatch(report.toString(), /^Return-Path/m);
  assert.deepEqual(await pythonDkim(report, records, 2), ["pass", "pass"]);
  const others = await openDkim(report, records);
  assert.deepEqual(others.toSorted(), ["pass ed25519-sha256", "pass rsa-sha256"]);
});
