/**
 * Gatepost, then Exim or Postfix, then Gatepost again: mail that comes round arrives once, with its way written on it; what
 * it was sent with survives the way; and a circle ends.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, unixLines } from "./support/messages.ts";
import { Pair } from "./support/pair.ts";
import { PEERS } from "./support/peers.ts";
import { USER } from "./support/site.ts";

for (const [name, startPeer] of PEERS)
  describe(`by way of ${name}`, () => {
    let pair: Pair;
    before(async () => {
      pair = await Pair.start(startPeer);
    });
    after(() => pair.stop());

    const US = "mx.local.example";
    const there = (): string => `mx.${pair.peer.domain}`;

    test("what our user sends comes round once, unchanged below its trace", async () => {
      const message = makeMessage("round", { from: USER, bytes: 64 * KIB, content: "8-bit" });
      await pair.submit(message, pair.at("back"));
      const arrived = await pair.arrival();
      assert.ok(arrived.subarray(-message.length).equals(message));
      const head = arrived.subarray(0, -message.length).toString("latin1");
      assert.deepEqual(hops(head), [US, there(), US]);
      assert.deepEqual(head.match(/^Return-Path: .*$/gm), [`Return-Path: <${USER}>`]);
      assert.match(head, /\bwith ESMTPSA\b[^]*$/);
      await pair.settled();
      assert.deepEqual(await takeMessages(pair.site), []);
    });

    test("what an alias of ours forwards comes round in the alias's name", async () => {
      const alias = await pair.alias("forward", pair.at("back"));
      const bob = pair.at("bob");
      const message = makeMessage("forwarded", { from: bob, bytes: KIB });
      await pair.peer.submit(unixLines(message), bob, alias);
      const arrived = await pair.arrival();
      assert.ok(arrived.subarray(-message.length).equals(message));
      const head = arrived.subarray(0, -message.length).toString("latin1");
      assert.deepEqual(hops(head), [US, there(), US, there()]);
      const [path = "", ...others] = head.match(/^Return-Path: .*$/gm) ?? [];
      assert.match(
        path,
        new RegExp(`<SRS0=\\w{8}=\\w\\w=${pair.peer.domain}=bob@local\\.example>`),
      );
      assert.deepEqual(others, []);
    });

    test("the news of success that our user wants comes from where it was delivered, once", async () => {
      const message = makeMessage("success", { from: USER, bytes: KIB });
      await pair.submit(message, pair.at("bob"), "--dsn-notify=success", "--dsn-return=headers");
      const report = (await pair.arrival()).toString();
      assert.match(report, /^Return-Path: <>\r\n/);
      assert.match(report, new RegExp(`^Reporting-MTA: dns; ?${there()}\r$`, "m"));
      assert.match(report, /^Action: delivered\r$/m);
      assert.match(report, /^Subject: success\r$/m);
      await pair.settled();
      assert.deepEqual(await takeMessages(pair.site), []);
    });

    test("a circle ends, and whoever sent it hears of it once at most", async () => {
      await pair.alias("round", pair.at("round"));
      const untold = () => pair.site.log().split('"msg":"failure not reported"').length - 1;
      const message = makeMessage("circle", { from: USER, bytes: KIB });
      await pair.submit(message, pair.at("round"));
      const told: Buffer[] = [];
      const end = async (): Promise<number> =>
        told.push(...(await takeMessages(pair.site))) + untold();
      await pair.eventually(async () => (await end()) || undefined);
      await pair.settled();
      assert.equal(await end(), 1, pair.peer.log());
    });
  });

/** The hosts in the trace, the last one first. */
function hops(head: string): string[] {
  const fields = head
    .replaceAll(/\r?\n[ \t]+/g, " ")
    .matchAll(/^Received: (?:from .*? )?by (\S+) /gm);
  return [...fields].flatMap(([, host]) => host ?? []);
}
