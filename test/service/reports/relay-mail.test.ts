/** Reports of relays are read as programs and providers send them; what a stranger sends instead is unreadable, and breaks nothing. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Ip } from "../../../src/mail/index.ts";
import { readReportMail } from "../../../src/service/reports/read-mail.ts";
import type { RelaySample } from "../../../src/service/reports/relay-sample.ts";
import { relayedHost } from "../../../src/service/reports/relayed-host.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { ABUSE, feedback, forwarded, forwardedEncoded, sample } from "./relay-mails.ts";

const HOSTNAME = domainOf("mx.local.example");

async function read(mail: string): Promise<readonly RelaySample[] | string> {
  const octets = Uint8Array.from(Buffer.from(mail, "latin1"));
  const reading = await readReportMail(octets, { about: "relay", hostname: HOSTNAME });
  assert.ok(reading.kind !== "tls");
  return reading.kind === "relay" ? reading.samples : reading.why;
}

async function samples(mail: string): Promise<readonly RelaySample[]> {
  const shown = await read(mail);
  assert.ok(typeof shown !== "string", typeof shown === "string" ? shown : "");
  return shown;
}

async function unreadable(mail: string, why: RegExp): Promise<void> {
  const answer = await read(mail);
  assert.ok(typeof answer === "string", "it was read");
  assert.match(answer, why);
}

/** Of one sample, where 10.0.0.0/8 and 9.9.0.0/16 are ours. */
async function host(mail: string): Promise<Ip | undefined> {
  const [one, ...more] = await samples(mail);
  assert.ok(one !== undefined && more.length === 0);
  return relayedHost(one, (ip) => /^10\.|^9\.9\.|^127\.|^::1$/.test(ip));
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

function fields(...lines: readonly string[]): string {
  return [...lines, "Subject: an offer", "", "Buy now!", ""].join("\r\n");
}

test("a forwarded message is known by its octets, and by whom it came from", async () => {
  const shown = sample("9.8.7.6");
  const [one] = await samples(forwarded(shown));
  assert.ok(one !== undefined);
  assert.equal(one.sample.sha256, sha256(shown));
  assert.equal(one.sample.head, shown.slice(0, shown.indexOf("\r\n\r\n") + 4));
  assert.equal(await host(forwarded(shown)), "9.8.7.6");
});

test("its hash is that of the message, however it was encoded", async () => {
  const shown = sample("9.8.7.6", "caf\xe9 and more\r\n\r\n");
  const hash = sha256(shown);
  for (const mail of [forwarded(shown), forwardedEncoded(shown)])
    assert.equal((await samples(mail))[0]?.sample.sha256, hash);
  const unix = forwardedEncoded(sample("9.8.7.6").replaceAll("\r\n", "\n"));
  assert.equal(await host(unix), "9.8.7.6");
});

test("of several messages each is looked at, up to twenty", async () => {
  const hosts = Array.from({ length: 20 }, (_, i) => `9.8.7.${i + 1}`);
  const shown = await samples(forwarded(...hosts.map((one) => sample(one))));
  assert.deepEqual(
    shown.map(({ chain }) => chain[0]),
    hosts,
  );
  const many = forwarded(...[...hosts, "9.8.7.77"].map((one) => sample(one)));
  await unreadable(many, /^21 messages are attached to it; 20 are looked at/);
});

const SOURCES: readonly (readonly [written: string, ip: string])[] = [
  ["9.8.7.6", "9.8.7.6"],
  [" 9.8.7.6\t", "9.8.7.6"],
  ["2001:DB8::0:7", "2001:db8::7"],
  ["::ffff:9.8.7.6", "9.8.7.6"],
];

test("a feedback report names the host; its sample may be a header section alone", async () => {
  const headers = `Content-Type: text/rfc822-headers\r\n\r\n${sample("9.8.7.1").split("\r\n\r\n")[0]}`;
  for (const third of [undefined, headers])
    for (const [written, ip] of SOURCES)
      assert.equal(await host(feedback([...ABUSE, `Source-IP: ${written}`], third)), ip, written);
  assert.equal(await host(feedback(ABUSE)), "9.8.7.1", "none is named: as the sample says");
});

test("what a feedback report says is read strictly", async () => {
  for (const source of ["", "9.8.7", "9.8.7.6, 9.8.7.7", "[9.8.7.6]", "relay.example", "9.8.7.06"])
    await unreadable(
      feedback([...ABUSE, `Source-IP: ${source}`]),
      /^Source-IP is ".*", which is no/,
    );
  await unreadable(
    feedback([...ABUSE, "Source-IP: 9.8.7.6", "Source-IP: 9.8.7.7"]),
    /several fields Source-IP/,
  );
  for (const type of ["not-spam", "auth-failure", "opt-out", ""])
    await unreadable(
      feedback([`Feedback-Type: ${type}`]),
      /^a feedback report of the type ".*"; expected abuse/,
    );
  await unreadable(feedback(["Version: 1"]), /of the type ""/);
  await unreadable(
    feedback(ABUSE, "Content-Type: text/html\r\n\r\n<b>"),
    /with no message, or with several/,
  );
  const two = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse";
  await unreadable(feedback(ABUSE, two), /^more than one part message\/feedback-report/);
});

test("a host of ours that is named has it from somebody: from whom, our own field says", async () => {
  const ours =
    "Received: from relay.example ([9.8.7.6])\r\n\tby mx.local.example with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n\tid abcdefghij01-1 for <ann@local.example>;\r\n\tFri, 27 Nov 2026 10:00:00 +0000";
  const third = `Content-Type: message/rfc822\r\n\r\n${fields("Received: from mx.local.example ([9.9.0.1]) by provider.example; x", ours)}`;
  assert.equal(await host(feedback([...ABUSE, "Source-IP: 9.9.0.1"], third)), "9.8.7.6");
  assert.equal(await host(feedback([...ABUSE, "Source-IP: 10.0.0.1"])), undefined);
});

test("hosts of ours and such as are within are passed over, from the outside in", async () => {
  const chain = [
    "Received: from localhost (localhost [127.0.0.1]) by inbox.reporter.example with ESMTP id 1; x",
    "Received: by 2002:a05:6000::1 with SMTP id q12; Fri, 27 Nov 2026 10:00:00 -0800 (PST)",
    "Received: from mx.reporter.example (mx.reporter.example [10.1.2.3]) by inbox with ESMTP; x",
    "Received: from relay.example (relay.example [9.8.7.6]) by mx.reporter.example with ESMTP; x",
    "Received: from forged.example (forged.example [8.8.8.8]) by relay.example with ESMTP; x",
  ];
  assert.equal(await host(forwarded(fields(...chain))), "9.8.7.6");
  const v6 = sample("2a01:4f8::7");
  assert.equal(await host(forwarded(v6)), "2a01:4f8::7");
  const mapped = sample("::ffff:9.8.7.6");
  assert.equal(await host(forwarded(mapped)), "9.8.7.6");
});

test("where it came through this server, our own field counts first, but none that a login has made", async () => {
  const other = "Received: from a.example (a.example [9.8.7.5]) by reporter.example; x";
  const own = (protocol: string, ip: string): string =>
    `Received: from b.example ([${ip}])\r\n\tby mx.local.example with ${protocol}\r\n\tid abcdefghij01-1;\r\n\tFri, 27 Nov 2026 10:00:00 +0000`;
  assert.equal(await host(forwarded(fields(other, own("ESMTP", "9.8.7.6")))), "9.8.7.6");
  assert.equal(
    await host(forwarded(fields(other, own("SMTP", "IPv6:2a01:4f8::7")))),
    "2a01:4f8::7",
  );
  for (const login of ["ESMTPA", "ESMTPSA", "UTF8SMTPSA"])
    assert.equal(await host(forwarded(fields(other, own(login, "9.8.7.6")))), "9.8.7.5", login);
  assert.equal(
    await host(forwarded(fields(other, own("ESMTP", "10.0.0.1")))),
    "9.8.7.5",
    "a trusted hop",
  );
  const foreign = own("ESMTP", "9.8.7.6").replace("mx.local", "mx.other");
  assert.equal(await host(forwarded(fields(other, foreign))), "9.8.7.5");
  const noId = own("ESMTP", "9.8.7.6").replace("abcdefghij01-1", "abcdefghij01");
  assert.equal(await host(forwarded(fields(other, noId))), "9.8.7.5");
});

test("a message that says nothing of its way names nobody", async () => {
  for (const one of [fields(), "", "\r\n", "no header at all", fields("Received: rubbish; x")])
    assert.equal(await host(forwarded(one)), undefined, one);
  const forged = fields(`Received: from [9.8.7.6] (evil [9.8.7.5]) (more [9.8.7.4]) by x; y`);
  assert.equal(
    await host(forwarded(forged)),
    undefined,
    "what can be read in two ways is not read",
  );
});

test("what is no report is said to be so", async () => {
  const none = /^no message is attached to it \(message\/rfc822\), and it is no feedback report/;
  await unreadable("", none);
  await unreadable("Subject: hello\r\n\r\nRelay at 9.8.7.6!", none);
  await unreadable(sample("9.8.7.6"), none);
  await unreadable(forwarded(), none);
});

test("nothing that is made to be costly costs much", async () => {
  const parts = "--=_b1\r\n\r\n".repeat(9000);
  const many = forwarded(sample("9.8.7.6")).replace("--=_b1", `${parts}--=_b1`);
  assert.equal((await samples(many)).length, 1);
  await unreadable(forwarded(`x: y\r\n`.repeat(30_000)), /^more than 20000 lines/);
  const rfc822 = "--=_b1\r\nContent-Type: message/rfc822\r\n\r\n\r\n".repeat(4000);
  await unreadable(
    forwarded().replace("--=_b1--", `${rfc822}--=_b1--`),
    /^4000 messages are attached/,
  );
  const nested = Array.from(
    { length: 30 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  await unreadable(nested.join(""), /^the reader broke: .*nesting/i);
  const inner = forwarded(sample("9.8.7.5")).replaceAll("=_b1", "=_b2");
  const deep = sample("9.8.7.6", inner).replace("\r\n\r\nFrom: Joe", "\r\nFrom: Joe");
  assert.equal(
    await host(forwarded(deep)),
    "9.8.7.6",
    "a sample's own attachments are its content",
  );
  const truncated = forwardedEncoded(sample("9.8.7.6")).slice(0, -40);
  assert.equal(await host(truncated), "9.8.7.6");
  const rubbish = forwardedEncoded("").replace("base64\r\n\r\n", "base64\r\n\r\n%%%%====A");
  assert.equal(await host(rubbish), undefined);
  const long = fields(`X-Long: ${"y".repeat(20_000)}`);
  assert.equal((await samples(forwarded(long)))[0]?.sample.head.length, 8192);
});
