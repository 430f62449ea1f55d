/** What a submission gets and loses: Date and Message-ID where they are missing, Bcc; all else octet for octet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { countFields, messageId, sessionId } from "../../../src/mail/index.ts";
import {
  completingFields,
  missingFields,
  withoutBlindCopies,
} from "../../../src/service/receive/completion.ts";
import { Intake, type IntakeKind } from "../../../src/service/receive/intake.ts";
import { RecordingDraft } from "./desk-bench.ts";

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

const CONTEXT = {
  id: messageId(sessionId(new Uint8Array(12)), 1),
  hostname: "mx.local.example",
  at: Date.UTC(2026, 10, 28, 13, 5),
};

test("what is missing is told by the fields' names", () => {
  const missing = (section: string) => missingFields(octets(section));
  assert.deepEqual(missing("From: a@b.example\r\n\r\n"), { date: true, messageId: true });
  assert.deepEqual(missing("DATE: x\r\nmessage-id : y\r\n\r\n"), { date: false, messageId: false });
  assert.deepEqual(missing("Resent-Date: x\r\nX: y\r\n Date: z\r\nMessage-ID: m\r\n\r\n"), {
    date: true,
    messageId: false,
  });
});

test("what is added is a date and an id of ours, and nothing that is there", () => {
  const added = (date: boolean, id: boolean) =>
    text(completingFields({ date, messageId: id }, CONTEXT));
  const date = "Date: Sat, 28 Nov 2026 13:05:00 +0000\r\n";
  const id = "Message-ID: <000000000000-1@mx.local.example>\r\n";
  assert.equal(added(true, true), date + id);
  assert.equal(added(true, false), date);
  assert.equal(added(false, true), id);
  assert.equal(added(false, false), "");
});

test("blind copies go with all their lines, wherever they stand and however often", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["A: b\r\nBcc: x@y.example\r\nC: d\r\n\r\nBcc: body\r\n", "A: b\r\nC: d\r\n\r\nBcc: body\r\n"],
    ["bcc:\r\n\r\n", "\r\n"],
    ["BCC : x,\r\n\ty\r\n z\r\nA: b\r\nResent-Bcc: x\r\nBcc: y\r\n\r\n.", "A: b\r\n\r\n."],
    ["X-Bcc: x\r\nA: b\r\n Bcc: folded\r\n\r\n", "X-Bcc: x\r\nA: b\r\n Bcc: folded\r\n\r\n"],
    ["Bcc: x", ""],
  ];
  for (const [content, expected] of cases) {
    const end = content.indexOf("\r\n\r\n");
    const section = octets(end < 0 ? content : content.slice(0, end + 4));
    assert.equal(text(withoutBlindCopies(section, octets(content))), expected, content);
  }
});

test("whatever a header section holds, it has no blind copy afterwards, and what is left stands in order", () => {
  const line = fc.constantFrom(
    "Bcc: a",
    "Resent-Bcc:b",
    "Subject: x",
    " folded",
    "To: y",
    "Bcc",
    "junk",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
      const section = octets(`${lines.join("\r\n")}\r\n\r\n`);
      const left = withoutBlindCopies(section, section);
      assert.equal(countFields(left, "Bcc") + countFields(left, "Resent-Bcc"), 0);
      const others = text(left).split("\r\n");
      let from = 0;
      for (const one of text(section).split("\r\n")) if (others[from] === one) from++;
      assert.equal(from, others.length);
    }),
  );
});

// ---- The intake ----

function taken(content: string, kind: IntakeKind, sliceOctets: number) {
  const draft = new RecordingDraft(() => Promise.resolve({ kind: "committed" }));
  const intake = new Intake(draft, {
    headerLimitOctets: 1024,
    hostname: "mx.local.example",
    leaves: false,
    kind,
  });
  for (let at = 0; at < content.length; at += sliceOctets)
    intake.take(octets(content.slice(at, at + sliceOctets)), () => {});
  intake.finish();
  return { intake, content: draft.content };
}

const MESSAGE =
  "Return-Path: <x@y.example>\r\nBcc: secret@y.example\r\nFrom: Ann <ann@local.example>\r\n" +
  "Authentication-Results: mx.local.example; none\r\nSubject: \xfcber\r\n\r\nBcc: text\r\n";

test("a submission loses its blind copies and tells its authors, however its octets come", () => {
  for (const size of [1, 7, 1000]) {
    const { intake, content } = taken(MESSAGE, "submission", size);
    assert.equal(
      content,
      "From: Ann <ann@local.example>\r\nSubject: \xfcber\r\n\r\nBcc: text\r\n",
      `in slices of ${size}`,
    );
    assert.deepEqual(intake.submission?.missing, { date: true, messageId: true });
    assert.equal(intake.submission?.authors.kind, "read");
  }
});

test("other servers' mail keeps its blind copies, and nobody asks for its authors", () => {
  const { intake, content } = taken(MESSAGE, "arrival", 1000);
  assert.match(content, /^Bcc: secret@y\.example\r\nFrom: /);
  assert.equal(intake.submission, undefined);
});

test("a submission without an end to its header section is all header section", () => {
  const { intake, content } = taken("From: ann@local.example\r\nBcc: x", "submission", 5);
  assert.equal(content, "From: ann@local.example\r\n");
  assert.equal(intake.submission?.authors.kind, "read");
});

test("text whose first line begins with a blank has no author, and none of its lines is taken for a field", () => {
  const { intake, content } = taken(
    " x\r\nFrom: ann@local.example\r\nBcc: y\r\n\r\n",
    "submission",
    9,
  );
  assert.equal(content, "\r\n x\r\nFrom: ann@local.example\r\nBcc: y\r\n\r\n");
  assert.deepEqual(intake.submission, {
    authors: { kind: "unreadable", field: "From", why: "there is no From field" },
    missing: { date: true, messageId: true },
  });
});

test("of a header section that is too long nothing is told", () => {
  assert.equal(taken(`X: ${"x".repeat(2000)}`, "submission", 500).intake.submission, undefined);
});
