/** Mail of a login leaves signed for its author's domain, once that has keys; as the server elsewhere gets it, it verifies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publicKeyRecord } from "../../src/service/signing/index.ts";
import { verifyMessage } from "../service/signing/verifier.ts";
import { domainOf } from "../support/memory-directory.ts";
import { BOB, SendingSite } from "./sending-site.ts";

const DOMAIN = domainOf("local.example");
const HEADER = `From: Bob <${BOB}>\r\nTo: <eve@foreign.example>\r\nSubject: signed\r\n`;

test("mail that a login sends abroad is signed", async (t) => {
  const site = await SendingSite.start(t);
  const { remote, session } = site;

  /** The selectors of the signatures that verify of a message, as it came to the server elsewhere. */
  async function signatures(content: string, to: string | string[] = "eve@foreign.example") {
    await site.bobSends({ to, content });
    await site.settled();
    const onTheWire = remote.messages.at(-1) ?? "";
    const message = Buffer.from(onTheWire.replaceAll("\r\n.", "\r\n"), "latin1");
    const keys = session.directory.dkimKeys(DOMAIN);
    const records = new Map(keys.map((key) => [key.selector, publicKeyRecord(key)]));
    const verified = verifyMessage(message, records);
    assert.ok(verified.every((one) => one.bodyHash && one.signature && one.domain === DOMAIN));
    return verified.map(({ selector }) => selector);
  }
  const selectors = (state: string) =>
    session.directory
      .dkimKeys(DOMAIN)
      .filter((key) => key.state === state)
      .map(({ selector }) => selector);
  const rotate = async () =>
    assert.deepEqual(await session.administration.domains.rotateDkimKeys(DOMAIN), { kind: "done" });

  await t.test("not before there are keys", async () => {
    assert.deepEqual(await signatures(`${HEADER}\r\nHi\r\n`), []);
  });

  await t.test("with both keys, whatever we add, take off and break", async () => {
    await rotate();
    const both = selectors("signing");
    assert.equal(both.length, 2);
    const bodies = [
      "Hi\r\n",
      "..\r\n a  b \r\n\r\n\r\n",
      `${"x".repeat(5000)}\r\n`,
      "many words \r\n".repeat(40_000), // comes in many pieces
    ];
    for (const body of bodies) assert.deepEqual(await signatures(`${HEADER}\r\n${body}`), both);
    const dated = `Bcc: mel@foreign.example\r\n${HEADER}Date: Fri, 27 Nov 2026 10:00:00 +0000\r\n`;
    assert.deepEqual(await signatures(`${dated}\r\nHi\r\n`), both);
  });

  await t.test("with new keys from the end of a rotation on", async () => {
    const before = selectors("signing");
    await rotate();
    const fresh = selectors("published");
    assert.deepEqual(await signatures(`${HEADER}\r\nHi\r\n`), before);
    await session.administration.domains.finishDkimRotation(DOMAIN);
    assert.deepEqual(await signatures(`${HEADER}\r\nHi\r\n`), fresh);
  });

  await t.test("and not where it stays here", async () => {
    await site.bobSends({ to: BOB, content: `${HEADER}\r\nHi\r\n` });
    assert.doesNotMatch(await site.arrived(BOB), /DKIM-Signature/);
  });
});
