/** Mail that a login sends to another server, as that server gets it: by MX records, by a route, in TLS, in any letters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVER_TLS } from "../support/scripted-server.ts";
import { idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";

/** The fields above the message as it was handed in, each on one line; and the rest. */
function opened(message: string, from: string): { readonly trace: string; readonly rest: string } {
  const at = message.indexOf(from);
  assert.ok(at >= 0, message);
  return { trace: message.slice(0, at).replaceAll(/\r\n[ \t]/g, " "), rest: message.slice(at) };
}

test("mail that a login sends abroad", async (t) => {
  const site = await SendingSite.start(t, {
    settings: (port) => [`routes={ "routed.example" = "smtp://127.0.0.1:${port}" }`],
    script: { tls: await SERVER_TLS, offers: ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE"] },
  });
  const { remote, zone } = site;

  /** Bob sends, and it has gone: id, envelope and message as the server elsewhere has them. */
  async function gone(letter: Parameters<SendingSite["bobSends"]>[0]) {
    const before = remote.messages.length;
    const id = idIn(await site.bobSends(letter));
    await site.settled();
    assert.equal(remote.messages.length, before + 1);
    const [envelope = [], message = ""] = [remote.envelopes.at(-1), remote.messages.at(-1)];
    return { id, envelope, message };
  }

  await t.test("by MX records: the message, and above it what we write", async () => {
    const content =
      `From: Bob <${BOB}>\r\nTo: <eve@foreign.example>\r\nBcc: <mel@foreign.example>\r\n` +
      "Subject: dots\r\n\r\n..\r\n..two\r\nin . the middle\r\nlast";
    const to = ["eve@foreign.example", "mel@foreign.example"];
    const { id, envelope, message } = await gone({ to, content });
    assert.match(envelope[0] ?? "", /^MAIL FROM:<bob@local\.example> SIZE=\d+$/);
    assert.deepEqual(
      envelope.slice(1),
      to.map((one) => `RCPT TO:<${one}>`),
    );
    const { trace, rest } = opened(message, "From: Bob");
    assert.match(
      trace,
      new RegExp(
        `^Received: from client\\.example \\(\\[127\\.0\\.0\\.1\\]\\) by mx\\.local\\.example ` +
          `with ESMTPSA \\(TLSv1\\.3 \\S+\\) id ${id}; [^\\r]+\\r\\n` +
          `Date: [^\\r]+\\r\\nMessage-ID: <${id}@mx\\.local\\.example>\\r\\n$`,
      ),
    );
    assert.equal(rest, content.replace(/Bcc: .*\r\n/, ""));
  });

  await t.test("and explain shows by which way, in which TLS, with which words", async () => {
    const { id } = await gone({ to: "eve@foreign.example" });
    const text = await site.explain(id);
    assert.match(text, new RegExp(`attempt  ${id} to foreign\\.example\n`));
    assert.match(text, /server   mx\.foreign\.example \[127\.0\.0\.1\], TLSv1\.3 TLS_AES/);
    assert.match(text, /to       <eve@foreign\.example> delivered\n {11}250 2\.0\.0 queued as \d+/);
    const [talk] = remote.talks.slice(-1);
    assert.equal(talk?.secure, true);
  });

  await t.test("by a route, whatever the DNS says of the domain", async () => {
    zone.mx("routed.example", "10 mx.elsewhere.example");
    const { id, envelope } = await gone({ to: "eve@routed.example" });
    assert.equal(envelope[1], "RCPT TO:<eve@routed.example>");
    const text = await site.explain(id);
    assert.match(text, new RegExp(`${id} to smtp://\\[127\\.0\\.0\\.1\\]:${remote.port}\n`));
  });

  await t.test("to recipients here and abroad: each once, and Return-Path only here", async () => {
    const { message } = await gone({ to: [BOB, "eve@foreign.example"] });
    assert.match(message, /^Received: /);
    assert.match(await site.arrived(BOB), /^Return-Path: <bob@local\.example>\r\nReceived: /);
  });

  await t.test("Date and Message-ID stay where they are", async () => {
    const fields = `Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <own@local.example>\r\n`;
    const content = `${fields}From: ${BOB}\r\n\r\ntext`;
    const { message } = await gone({ to: "eve@foreign.example", content });
    const { trace, rest } = opened(message, fields);
    assert.match(trace, /^Received: [^\r]+\r\n$/);
    assert.equal(rest, content);
  });

  await t.test("eight bits and any letters, with what the server offers for them", async () => {
    const content = `From: <${BOB}>\r\nSubject: grün\r\n\r\nfür dich`;
    const eight = await gone({ to: "eve@foreign.example", parameters: "BODY=8BITMIME", content });
    assert.match(eight.envelope[0] ?? "", / BODY=8BITMIME\b/);
    assert.ok(Buffer.from(eight.message, "latin1").toString().endsWith("für dich"));
    const letters = await gone({ to: "jörg@foreign.example", parameters: "SMTPUTF8", content });
    assert.match(letters.envelope[0] ?? "", / SMTPUTF8\b/);
    const path = Buffer.from(letters.envelope[1] ?? "", "latin1").toString();
    assert.equal(path, "RCPT TO:<jörg@foreign.example>");
    assert.match(letters.message, / with UTF8SMTPSA /);
  });
});
