/**
 * Who is told of a failure, with Exim and with Postfix on the other side: our own users, a sender whose forward came
 * back, and nobody whom we do not know. The other server's log says what it takes a message for.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createTransport } from "nodemailer";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, unixLines } from "./support/messages.ts";
import { Pair } from "./support/pair.ts";
import { PEERS } from "./support/peers.ts";
import { send } from "./support/sender.ts";
import { PASSWORD, USER } from "./support/site.ts";

for (const [name, startPeer] of PEERS)
  describe(`with ${name}`, () => {
    let pair: Pair;
    before(async () => {
      pair = await Pair.start(startPeer);
    });
    after(() => pair.stop());

    const message = (subject: string, from = USER): Buffer =>
      makeMessage(subject, { from, bytes: KIB });

    test("our user hears of a refusal, in its words", async () => {
      const nobody = pair.at("nobody");
      await pair.submit(message("refused"), nobody);
      const report = (await pair.arrival()).toString();
      assert.match(report, /^Return-Path: <>\r\n/);
      assert.match(report, /^Content-Type: multipart\/report; report-type=delivery-status;/m);
      assert.match(
        report,
        new RegExp(`^Final-Recipient: rfc822; ${nobody}\r\nAction: failed\r\n`, "m"),
      );
      assert.match(report, /^Status: 5\.1\.1\r$/m);
      assert.match(report, /^Diagnostic-Code: smtp; 550 5\.1\.1 /m);
      assert.match(report, /^Subject: refused\r$/m);
    });

    test("a report about an address in UTF-8 names it in UTF-8", async () => {
      // msmtp knows no SMTPUTF8.
      const transport = createTransport({
        host: "127.0.0.1",
        port: pair.site.ports.submission,
        tls: { rejectUnauthorized: false },
        auth: { user: USER, pass: PASSWORD },
      });
      await transport.sendMail({ from: USER, to: pair.at("jörg"), text: "x" });
      const report = (await pair.arrival()).toString();
      assert.match(report, /^Content-Type: message\/global-delivery-status\r$/m);
      assert.match(report, new RegExp(`^Final-Recipient: utf-8; ${pair.at("jörg")}\r$`, "m"));
      assert.match(report, /^Status: 5\.1\.1\r$/m);
    });

    test("what is refused for now waits, with its words, and nobody is told", async () => {
      await pair.submit(message("deferred"), pair.at("later"));
      const listed = await pair.eventually(async () => {
        const { stdout } = await pair.site.gatepost("queue", "list", "--json");
        return stdout.includes("the mailbox is being moved") ? stdout.toString() : undefined;
      });
      assert.match(listed, /451 4\.2\.1 .*the mailbox is being moved/);
      const removed = await pair.site.gatepost("queue", "remove", "--all", "--yes");
      assert.equal(removed.code, 0, removed.said);
      assert.deepEqual(await takeMessages(pair.site), []);
    });

    test("our report to a user whose address leads there is a bounce to it", async () => {
      const [sales, away] = [await pair.alias("sales", pair.at("away")), pair.at("away")];
      const allowed = await pair.site.gatepost("mailbox", "allow-sender", USER, sales);
      assert.equal(allowed.code, 0, allowed.said);
      await pair.submit(message("told abroad", sales), pair.at("nobody"), `--from=${sales}`);
      const [report = ""] = await pair.eventually(() => some(pair.peer.messages("away")));
      assert.match(report, /^Return-Path: <>$/im);
      assert.match(report, /^Content-Type: multipart\/report; report-type=delivery-status;/m);
      assert.match(report, /^Auto-Submitted: auto-replied$/m);
      await pair.bounced(away);
      assert.deepEqual(await takeMessages(pair.site), []);
    });

    test("its bounce of what an alias forwarded comes back by way of us to the sender there", async () => {
      const [alias, carl] = [await pair.alias("gone", pair.at("dead")), pair.at("carl")];
      await pair.peer.submit(unixLines(message("bounced", carl)), carl, alias);
      const [bounce = ""] = await pair.eventually(() => some(pair.peer.messages("carl")));
      assert.match(bounce, /^Return-Path: <>$/im);
      assert.match(bounce, new RegExp(`^Final-Recipient: rfc822; ?${pair.at("dead")}$`, "m"));
      assert.match(bounce, /^Subject: bounced$/m);
      const [, path = ""] = /^Return-Path: <(SRS0=[^>]+@local\.example)>$/im.exec(bounce) ?? [];
      await pair.bounced(path);
      await pair.bounced(carl);
    });

    test("a return address that was not made here takes no bounce", async () => {
      const forged = `SRS0=aaaaaaaa=aa=${pair.peer.domain}=bob@local.example`;
      await pair.peer.submit(unixLines(message("forged")), "", forged);
      await pair.eventually(
        () => /550 5\.7\.1 .*return address/.test(pair.peer.log()) || undefined,
      );
      await pair.settled();
      assert.deepEqual(pair.peer.messages("bob"), []);
    });

    test("a sender who may be forged is told of nothing", async () => {
      const [bob, alias] = [pair.at("bob"), await pair.alias("forward", pair.at("nobody"))];
      const reasons = () => pair.site.log().split('"msg":"failure not reported"').length - 1;
      const earlier = reasons();
      for (const to of [alias, "nobody@inner.example"])
        await send(pair.site, message("backscatter", bob), to, bob);
      await pair.eventually(() => reasons() - earlier === 2 || undefined);
      await pair.settled();
      assert.equal(pair.peer.bouncesTo(bob), 0, pair.peer.log());
      assert.deepEqual(pair.peer.messages("bob"), []);
      assert.deepEqual(await takeMessages(pair.site), []);
    });
  });

function some<T>(found: readonly T[]): readonly T[] | undefined {
  return found.length === 0 ? undefined : found;
}
