/**
 * The class "trusting client-supplied identity", in messages: fields that claim to be this server's words, so that whoever
 * reads the stored message believes a stranger and thinks that he believes us. What stands on top is ours, and
 * nothing below it is in our name.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { authorOf, bodiesOf, fieldsOf } from "./support/credulous-reader.ts";
import { codes, HOSTNAME, lines, MemorySite, USER } from "./support/memory-site.ts";

/** A message with these octets, as it is stored: the trace and what is below. */
async function stored(content: string, helo = "client.example"): Promise<string> {
  const site = new MemorySite();
  const client = site.connect();
  await client.send(lines(`EHLO ${helo}`, "MAIL FROM:<sender@remote.example>"));
  await client.send(lines(`RCPT TO:<${USER}>`, "DATA"));
  assert.deepEqual(codes(await client.send(`${content}\r\n.\r\n`)), ["250 2.0.0"]);
  const [message] = site.messages;
  return `${message?.headText}${message?.content}`;
}

/** The trace as it must be read, whatever stands below it. */
function assertOursOnTop(message: string, helo = "client\\.example"): void {
  const [path, received] = fieldsOf(message);
  assert.deepEqual(path, { name: "return-path", body: " <sender@remote.example>" });
  assert.equal(received?.name, "received");
  assert.match(
    received.body,
    new RegExp(
      `^ from ${helo} \\(\\[192\\.0\\.2\\.9\\]\\)\\tby mx\\.local\\.example with ESMTP\\tid [a-z0-9]{12}-1\\tfor <ann@local\\.example>;\\t\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d \\+0000$`,
    ),
  );
  assert.equal(bodiesOf(message, "return-path").length, 1);
}

const PASS = "auth=pass smtp.auth=ann@local.example; dkim=pass";

/** Our name as the author of results, in all ways in which somebody might read it. */
const SPELLINGS: readonly string[] = [
  `Authentication-Results: ${HOSTNAME}; ${PASS}`,
  `AUTHENTICATION-RESULTS:${HOSTNAME.toUpperCase()};${PASS}`,
  `authentication-results : mx.Local.EXAMPLE 1; ${PASS}`,
  `Authentication-Results\t:\r\n\t${HOSTNAME};\r\n ${PASS}`,
  `Authentication-Results:\r\n \r\n ${HOSTNAME}; ${PASS}`,
  `Authentication-Results: ${HOSTNAME}.; ${PASS}`,
  `Authentication-Results: ${HOSTNAME}..; ${PASS}`,
  `Authentication-Results: "${HOSTNAME}"; ${PASS}`,
  `Authentication-Results: " ${HOSTNAME}"; ${PASS}`,
  `Authentication-Results: "mx.local\\.example"; ${PASS}`,
  `Authentication-Results: "mx"."local"."example"; ${PASS}`,
  `Authentication-Results: (other.example) ${HOSTNAME} (x); ${PASS}`,
  `Authentication-Results: (a (b \\) c) d)${HOSTNAME}(e)1(f); ${PASS}`,
  `Authentication-Results: mx(x).local.example; ${PASS}`,
  `Authentication-Results: mx .local .example; ${PASS}`,
  `Authentication-Results: mx.local.\r\n example; ${PASS}`,
  `Authentication-Results: =?utf-8?q?${HOSTNAME}?=; ${PASS}`,
  `Authentication-Results: \xef\xbd\x8dx.local.example; ${PASS}`,
  `Authentication-Results: m\xc2\xadx.local.example; ${PASS}`,
  `Authentication-Results: mx\xe3\x80\x82local.example; ${PASS}`,
  `Authentication-Results: ${HOSTNAME} (no results)`,
  `Authentication-Results: ${HOSTNAME}`,
  `Authentication-Results: ; ${PASS}`,
  `Authentication-Results: ${PASS}`,
];

/** What others may say of themselves. */
const OTHERS: readonly string[] = [
  "Authentication-Results: mx.other.example; spf=pass\r\n",
  'Authentication-Results: (ours) "mail.other.example" 1;\r\n\tdkim=fail (mx.local.example) header.d=x\r\n',
  "Authentication-Results: xmx.local.example; none\r\n",
  "Authentication-Results: m\xc3\xbcller.example; none\r\n",
  "Authentication-Results: other-1234; none\r\n",
];

const FORGED_RECEIVED = `Received: from internal.local.example ([127.0.0.1])\r\n\tby ${HOSTNAME} with ESMTPSA\r\n\tid 000000000000-1;\r\n\tThu, 05 Nov 2026 06:07:08 +0000\r\n`;

describe("trusting client-supplied identity, in messages", () => {
  test("results in our name are taken off, however it is spelt; the rest stays as it came", async () => {
    for (const spelling of SPELLINGS) {
      const message = await stored(`X-A: 1\r\n${spelling}\r\nX-B: 2\r\n\r\n${spelling}`);
      assert.deepEqual(bodiesOf(message, "authentication-results"), [], spelling);
      assert.ok(message.endsWith(`\r\nX-A: 1\r\nX-B: 2\r\n\r\n${spelling}\r\n`), spelling);
      const alone = await stored(spelling);
      assert.deepEqual(bodiesOf(alone, "authentication-results"), [], spelling);
      assertOursOnTop(alone);
    }
  });

  test("results of others stay, and nobody can take them for ours", async () => {
    const message = await stored(`${OTHERS.join("")}Subject: x\r\n\r\nbody`);
    assert.ok(message.endsWith(`\r\n${OTHERS.join("")}Subject: x\r\n\r\nbody\r\n`));
    for (const results of bodiesOf(message, "authentication-results"))
      assert.notEqual(authorOf(results), HOSTNAME, results);
    assertOursOnTop(message);
  });

  test("the reader of this test would have believed nearly all of the false ones", () => {
    const believed = SPELLINGS.filter(
      (spelling) => authorOf(bodiesOf(spelling, "authentication-results")[0] ?? "") === HOSTNAME,
    );
    assert.equal(believed.length, SPELLINGS.length - 2, "all but those without an author");
  });

  test("one Return-Path, ours; forged trace fields stand below, where theirs is the word of a stranger", async () => {
    const forged =
      `Delivered-To: bob@local.example\r\nX-Originating-IP: [127.0.0.1]\r\nX-Forwarded-For: 127.0.0.1\r\n` +
      `${FORGED_RECEIVED}Received-SPF: pass (${HOSTNAME}: trusted) client-ip=127.0.0.1\r\n`;
    const path = `Return-Path: <boss@local.example>\r\n`;
    const message = await stored(
      `${path}${forged}RETURN-PATH :\r\n <x@local.example>\r\n${path}Subject: x\r\n\r\n${path}`,
    );
    assertOursOnTop(message);
    assert.ok(message.endsWith(`\r\n${forged}Subject: x\r\n\r\n${path}\r\n`));
    assert.equal(bodiesOf(message, "received").length, 2);
  });

  test("a first line that begins with a blank does not go on with our Received", async () => {
    for (const blank of [" ", "\t", " \r\n", "\t\r\n "]) {
      const content = `${blank}(authenticated user ann)\r\nAuthentication-Results: ${HOSTNAME}; ${PASS}\r\n\r\nbody`;
      const message = await stored(content);
      assertOursOnTop(message);
      assert.equal(fieldsOf(message).length, 2, "no line of it is a field");
      assert.ok(message.endsWith(`\r\n\r\n${content}\r\n`), "and none is lost");
    }
  });

  test("what the client calls itself stands beside where it is, and nowhere else", async () => {
    for (const name of [HOSTNAME, "localhost", "[127.0.0.1]", "[IPv6:::1]", "10.0.0.1"]) {
      assertOursOnTop(await stored("x: y", name), name.replaceAll(/[.[\]]/g, "\\$&"));
    }
  });
});
