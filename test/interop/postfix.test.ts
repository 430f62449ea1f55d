/** Postfix as the sending server: what most of the world's mail to Gatepost will look like. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { assertArrived } from "./support/arrival.ts";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, MIB, subjectOf, unixLines, type Content } from "./support/messages.ts";
import { startPostfix, type Postfix } from "./support/postfix.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";

/** Milliseconds for one message from queue to mailbox. */
const DELIVERY_LIMIT = 60_000;

describe("Postfix", () => {
  let site: Site;
  let postfix: Postfix;
  before(async () => {
    site = await startSite();
    postfix = await startPostfix(site.ports.smtp);
  });
  after(async () => {
    await postfix.stop();
    await site.stop();
  });

  /** Waits until so many messages have come into the mailbox, and takes them. */
  async function arrivals(count: number, user = USER): Promise<Buffer[]> {
    const until = performance.now() + DELIVERY_LIMIT;
    const arrived: Buffer[] = [];
    while (arrived.length < count) {
      assert.ok(
        performance.now() < until,
        `${arrived.length} of ${count} arrived\n${postfix.log()}`,
      );
      await setTimeout(200);
      arrived.push(...(await takeMessages(site, user)));
    }
    return arrived;
  }

  async function deliver(message: Buffer, to = USER): Promise<string> {
    await postfix.submit(unixLines(message), "sender@remote.example", to);
    const [arrived = Buffer.alloc(0)] = await arrivals(1, to);
    return assertArrived(arrived, message);
  }

  const MESSAGES: readonly [string, number, Content][] = [
    ["1 KiB", KIB, "ascii"],
    ["64 KiB", 64 * KIB, "8-bit"],
    ["300 KiB", 300 * KIB, "utf-8"],
    ["5 MiB", 5 * MIB, "8-bit"],
    ["20 MiB", 20 * MIB, "ascii"],
  ];
  for (const [size, bytes, content] of MESSAGES) {
    test(`delivers ${size} of ${content} under TLS`, async () => {
      const trace = await deliver(makeMessage(`Postfix ${size}`, { bytes, content }));
      assert.match(trace, /\bwith ESMTPS\b/);
      assert.match(trace, /^Return-Path: <sender@remote\.example>/);
    });
  }

  test("delivers to an address in UTF-8 (SMTPUTF8)", async () => {
    const to = "jürg@local.example";
    const added = await site.gatepost("mailbox", "add", to, "--password", PASSWORD);
    assert.equal(added.code, 0, added.said);
    const message = makeMessage("Postfix UTF-8", { bytes: 64 * KIB, content: "utf-8", to });
    assert.match(await deliver(message, to), /\bwith UTF8SMTPS\b/);
  });

  test("delivers many messages at once", async () => {
    const sent = Array.from({ length: 20 }, (_, i) =>
      makeMessage(`Postfix ${i}`, { bytes: KIB + i }),
    );
    await Promise.all(
      sent.map((message) => postfix.submit(unixLines(message), "a@remote.example", USER)),
    );
    const arrived = await arrivals(sent.length);
    assert.deepEqual(arrived.map(subjectOf).toSorted(), sent.map(subjectOf).toSorted());
  });

  test("gets the refusal of a foreign recipient and keeps it", async () => {
    const message = makeMessage("Postfix relay", { bytes: KIB });
    await postfix.submit(unixLines(message), "sender@remote.example", "victim@elsewhere.example");
    const until = performance.now() + DELIVERY_LIMIT;
    while (!/to=<victim@elsewhere\.example>.*dsn=5\.7\.1/.test(postfix.log())) {
      assert.ok(performance.now() < until, postfix.log());
      await setTimeout(200);
    }
  });
});
