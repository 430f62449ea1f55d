/** Exim as the sending server, and as the one that we send to: every size and kind of content, and each recipient's fate. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertArrived } from "./support/arrival.ts";
import { ip, Rig, words } from "../service/delivery/rig.ts";
import { LOGIN, startExim } from "./support/exim.ts";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, MIB, subjectOf, unixLines, type Content } from "./support/messages.ts";
import { Pair } from "./support/pair.ts";
import { PASSWORD, USER } from "./support/site.ts";

describe("Exim", () => {
  let pair: Pair;
  before(async () => {
    pair = await Pair.start(startExim);
  });
  after(() => pair.stop());

  /** Waits until so many messages have come into the mailbox, and takes them. */
  async function arrivals(count: number, user = USER): Promise<Buffer[]> {
    const arrived: Buffer[] = [];
    return pair.eventually(async () => {
      arrived.push(...(await takeMessages(pair.site, user)));
      return arrived.length < count ? undefined : arrived;
    });
  }

  async function deliver(message: Buffer, to = USER): Promise<string> {
    await pair.peer.submit(unixLines(message), "sender@remote.example", to);
    const [arrived = Buffer.alloc(0)] = await arrivals(1, to);
    return assertArrived(arrived, message);
  }

  const MESSAGES: readonly [string, number, Content][] = [
    ["1 KiB", KIB, "ascii"],
    ["300 KiB", 300 * KIB, "utf-8"],
    ["20 MiB", 20 * MIB, "8-bit"],
  ];
  for (const [size, bytes, content] of MESSAGES)
    test(`delivers ${size} of ${content} under TLS`, async () => {
      const trace = await deliver(makeMessage(`Exim ${size}`, { bytes, content }));
      assert.match(trace, /\bwith ESMTPS\b/);
      assert.match(trace, /^Return-Path: <sender@remote\.example>/);
    });

  test("delivers to an address in UTF-8 (SMTPUTF8)", async () => {
    const to = "jürg@local.example";
    const added = await pair.site.gatepost("mailbox", "add", to, "--password", PASSWORD);
    assert.equal(added.code, 0, added.said);
    const message = makeMessage("Exim UTF-8", { bytes: 64 * KIB, content: "utf-8", to });
    assert.match(await deliver(message, to), /\bwith UTF8SMTPS\b/);
  });

  test("delivers many messages at once", async () => {
    const sent = Array.from({ length: 20 }, (_, i) => makeMessage(`Exim ${i}`, { bytes: KIB + i }));
    await Promise.all(
      sent.map((message) => pair.peer.submit(unixLines(message), "a@remote.example", USER)),
    );
    const arrived = await arrivals(sent.length);
    assert.deepEqual(arrived.map(subjectOf).toSorted(), sent.map(subjectOf).toSorted());
  });

  test("gets the refusal of an unknown recipient, and tells its own sender", async () => {
    const message = makeMessage("Exim refused", { bytes: KIB });
    await pair.peer.submit(unixLines(message), pair.at("carl"), "nobody@local.example");
    const [bounce = ""] = await pair.eventually(() => {
      const bounces = pair.peer.messages("carl");
      return bounces.length === 0 ? undefined : bounces;
    });
    assert.match(bounce, /550 5\.1\.1 no such mailbox here/);
  });

  for (const [size, bytes, content] of MESSAGES)
    test(`takes ${size} of ${content} from us under TLS, byte for byte`, async () => {
      const subject = `to Exim ${size}`;
      const message = makeMessage(subject, { from: USER, bytes, content });
      await pair.submit(message, pair.at("bob"));
      const found = await pair.eventually(() =>
        pair.peer.messages("bob").find((text) => text.includes(`\nSubject: ${subject}\n`)),
      );
      const sent = unixLines(message).toString("latin1");
      assert.ok(found.endsWith(sent), "the message has changed");
      assert.match(found.slice(0, -sent.length), /\bwith esmtps\b/);
    });

  test("lets us log in by PLAIN, which is what it has", async (t) => {
    const rig = new Rig(t, {});
    const route = {
      host: { kind: "address", ip: ip("127.0.0.1") },
      port: pair.peer.port,
      tls: "required",
    } as const;
    rig.routes.set("*", { ...route, login: LOGIN });
    assert.match(words(await rig.attempt(pair.at("bob")))[0] ?? "", /^delivered /);
    assert.match(pair.peer.log(), / A=PLAIN:gatepost /);
    rig.routes.set("*", { ...route, login: { name: "other", password: LOGIN.password } });
    const refused = await rig.attempt(pair.at("bob"));
    assert.match(words(refused)[0] ?? "", /^deferred 451 4\.7\.8 /);
    assert.match(refused.outcomes[0]?.reply?.lines[0] ?? "", /^535 /);
  });

  test("tells each recipient's fate, and our user one report of all that failed", async () => {
    const message = makeMessage("fates", { from: USER, bytes: KIB });
    await pair.submit(message, pair.at("away"), pair.at("nobody"), pair.at("nowhere"));
    const report = (await pair.arrival()).toString();
    assert.deepEqual(report.match(/^Final-Recipient: .*$/gm), [
      `Final-Recipient: rfc822; ${pair.at("nobody")}`,
      `Final-Recipient: rfc822; ${pair.at("nowhere")}`,
    ]);
    assert.match(report, /^Diagnostic-Code: smtp; 550 5\.1\.1 nobody of that name here\r$/m);
    await pair.settled();
    assert.equal(pair.peer.messages("away").length, 1);
  });
});
