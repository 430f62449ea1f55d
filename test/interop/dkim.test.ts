/** Others verify what we sign, with both algorithms and whatever the message looks like: python3-dkim and opendkim. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asItLeaves } from "../service/signing/as-it-leaves.ts";
import { HOSTILE } from "../service/signing/hostile.ts";
import { DOMAIN, RECORDS, signed } from "../service/signing/site.ts";
import { openDkim, pythonDkim } from "./support/dkim-verifiers.ts";

const BY_NAME = new Map(
  [...RECORDS].map(([selector, text]) => [`${selector}._domainkey.${DOMAIN}`, text]),
);

/** Neither takes a message with blanks before a colon, signed or not (RFC 5322 §4.5). */
const UNREADABLE = "fields in other letters, blanks before the colon";

/** Signatures of ours in each message; they stand above all others. */
const OURS = 2;

describe("others verify", { concurrency: 2 }, () => {
  for (const [name, message] of HOSTILE) {
    if (name === UNREADABLE) continue;
    test(name, async () => {
      const sent = asItLeaves(await signed(message, 1000));
      assert.deepEqual(await pythonDkim(sent, BY_NAME, OURS), ["pass", "pass"]);
      const found = await openDkim(sent, BY_NAME);
      assert.deepEqual(found.slice(0, OURS), ["pass rsa-sha256", "pass ed25519-sha256"]);
    });
  }

  test("and see what was changed", async () => {
    const message = Buffer.from("From: Ann <ann@example.org>\r\nSubject: Hi\r\n\r\nHello.\r\n");
    const text = Buffer.from(await signed(message)).toString();
    const forgeries = [text.replace("Hello", "Hullo"), `Subject: Ho\r\n${text}`];
    for (const forgery of forgeries) {
      const judged = await pythonDkim(Buffer.from(forgery), BY_NAME, OURS);
      assert.ok(!judged.includes("pass"), judged.join());
      const found = await openDkim(Buffer.from(forgery), BY_NAME);
      assert.ok(!found.some((result) => result.startsWith("pass")), found.join());
    }
  });
});
