/** The reply table: each reply is shown in a transcript, and no reply breaks the rules of the wire. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatStatus, status, type Status } from "../../../src/mail/index.ts";
import {
  chunkReceived,
  ehloReply,
  greeting,
  heloReply,
  messageAccepted,
  OCTET_FAULTS,
  REPLIES,
  START_CONTENT,
  statusLine,
} from "../../../src/protocol/smtp/replies.ts";
import { transcriptFiles } from "../../transcripts/runner.ts";

const SESSION = "k7q2m9x4tb3d";

const said: ReadonlySet<string> = new Set(
  transcriptFiles("smtp").flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("S: "))
      .map((line) => line.slice(3)),
  ),
);

const ALL: readonly Status[] = [
  ...Object.values(REPLIES),
  ...Object.values(OCTET_FAULTS.command),
  ...Object.values(OCTET_FAULTS.content),
  chunkReceived(6),
  messageAccepted(SESSION),
];

for (const reply of ALL)
  test(`"${formatStatus(reply)}" is in a transcript`, () => {
    assert.ok(said.has(statusLine(reply, SESSION).trimEnd()));
  });

test("greetings, HELO, EHLO and 354 are in transcripts", () => {
  const settings = {
    hostname: "mx.local.example",
    sessionId: SESSION,
    startTls: "offered",
    limits: {
      messageOctets: 1000,
      recipients: 100,
      errors: 20,
      commandLineOctets: 512,
      transactions: 100,
      commandTimeMs: 1,
      contentTimeMs: 1,
      crowdedTimeMs: 1,
    },
  } as const;
  const texts = [
    greeting("mx.local.example"),
    heloReply("mx.local.example"),
    START_CONTENT,
    ehloReply(settings, { startTls: true, mechanisms: [], forUsers: false }),
    ehloReply(settings, {
      startTls: false,
      mechanisms: ["SCRAM-SHA-256", "PLAIN"],
      forUsers: true,
    }),
  ];
  for (const text of texts)
    for (const line of text.trimEnd().split("\r\n")) assert.ok(said.has(line), line);
});

test("no two replies are the same", () => {
  assert.equal(new Set(ALL.map(formatStatus)).size, ALL.length);
});

test("any status is one line of at most 512 printable octets", () => {
  const anyStatus = fc.record({
    code: fc.constantFrom(250, 451, 550),
    enhanced: fc.constantFrom("2.0.0", "4.3.0", "5.7.123"),
    text: fc.string({ unit: "binary", maxLength: 700 }),
    source: fc.constant("test"),
  });
  fc.assert(
    fc.property(anyStatus, (anything) => {
      const line = statusLine(anything, SESSION);
      assert.match(line, /^[2-5][0-9]{2} [245]\.[0-9]\.[0-9]+ [\x20-\x7e]*\r\n$/);
      assert.ok(line.length <= 512);
      assert.equal(line.includes(`[${SESSION}]`), anything.code >= 400);
    }),
  );
});

test("a refusal outside any session names none", () => {
  assert.equal(statusLine(status(421, "4.7.0", "full", "net")), "421 4.7.0 full\r\n");
});
