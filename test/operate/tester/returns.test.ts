/** What came back: whose it is, by which way, and whether it is the message or a report about it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, parseIp, type Address, type Ip } from "../../../src/mail/index.ts";
import { readReturn, seenClient } from "../../../src/operate/tester/returns.ts";
import { testMessage } from "../../../src/operate/tester/test-message.ts";
import { makeToken, readToken } from "../../../src/operate/tester/token.ts";
import { systemRandom } from "../../../src/runtime/index.ts";

const token = makeToken(systemRandom);
const CLIENT = parseIp("192.0.2.7") as Ip; // it is one
const SENDER = parseAddress("x@tester.example") as Address;

const MESSAGE = testMessage({
  foreign: "tester.example",
  token,
  target: "192.0.2.1:25",
  title: "R01",
  at: 0,
});

function came(content: string, more: Partial<Parameters<typeof readReturn>[0]> = {}) {
  const octets = Buffer.from(content, "latin1");
  return readReturn({
    token,
    toSender: false,
    reversePath: SENDER,
    client: CLIENT,
    at: 5,
    content: octets,
    ...more,
  });
}

test("a token is read back, in any case, and nothing else is", () => {
  assert.deepEqual(readToken(token), { token, isSender: false });
  assert.deepEqual(readToken(`${token.toUpperCase()}.b`), { token, isSender: true });
  for (const text of [
    "",
    "t-",
    `${token}a`,
    `x${token}`,
    `${token}.c`,
    token.slice(1),
    "t-0000000000000000",
  ])
    assert.equal(readToken(text), undefined, text);
});

test("tokens are never the same", () => {
  const many = new Set(Array.from({ length: 10_000 }, () => makeToken(systemRandom)));
  assert.equal(many.size, 10_000);
});

test("the message that arrives is a relay, with the way that it came, also from nobody", () => {
  const chain =
    "Received: from out ([192.0.2.6])\r\n by sink; now\r\nReceived: from t (h [172.18.0.1])\r\n\tby mx; then\r\n";
  const back = came(chain + MESSAGE);
  assert.deepEqual(back, {
    token,
    kind: "relay",
    from: CLIENT,
    at: 5,
    received: ["from out ([192.0.2.6]) by sink; now", "from t (h [172.18.0.1]) by mx; then"],
  });
  assert.equal(seenClient(back), "172.18.0.1");
  assert.equal(came(chain + MESSAGE, { reversePath: null }).kind, "relay");
});

test("a report about it is none: to the sender, from nobody, or by its type", () => {
  const report = `Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\n${MESSAGE}`;
  assert.equal(came(MESSAGE, { toSender: true }).kind, "report");
  assert.equal(came(`Subject: returned\r\n\r\n${MESSAGE}`, { reversePath: null }).kind, "report");
  assert.equal(came(report).kind, "report");
});

test("what is kept of it is bounded", () => {
  const { received } = came(`${`Received: ${"x".repeat(900)}\r\n`.repeat(1000)}\r\n`);
  assert.ok(received.length <= 30 && received.every((line) => line.length <= 500));
});

test("the message says who tests what, how to stop it, and is plain ASCII", () => {
  assert.match(MESSAGE, /_gatepost-test\./);
  assert.match(MESSAGE, new RegExp(`^To: <${token}@tester\\.example>\r$`, "m"));
  assert.match(MESSAGE, /^(?:[\x20-\x7e]{0,78}\r\n)+$/);
  assert.ok(MESSAGE.endsWith("\r\n.\r\n"));
});
