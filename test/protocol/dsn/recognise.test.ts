/** Reports and answers are known for what they are, also where their header section is meant to deceive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseAddress, type Address } from "../../../src/mail/index.ts";
import { recogniseReport, type ReportSign } from "../../../src/protocol/dsn/index.ts";

function address(text: string): Address {
  const read = parseAddress(text);
  if (typeof read === "string") throw new Error(`${text}: ${read}`);
  return read;
}

const SENDER = address("sender@foreign.example");

function sign(...lines: string[]): ReportSign | undefined {
  return recogniseReport(SENDER, Buffer.from([...lines, "", ""].join("\r\n")));
}

test("the null reverse-path is enough", () => {
  assert.equal(recogniseReport(null, Buffer.from("Subject: hello\r\n\r\n")), "null reverse-path");
  assert.equal(sign("Return-Path: <>"), "Return-Path: <>");
  assert.equal(sign("Return-Path: (none) < >"), "Return-Path: <>");
  assert.equal(sign("Return-Path: <a@b.example>", "Return-Path:<>"), "Return-Path: <>");
  assert.equal(sign("Return-Path: <a@b.example>"), undefined);
  assert.equal(sign("Return-Path: <"), undefined);
});

test("a report is known by its Content-Type, in every spelling that a parser would follow", () => {
  for (const type of [
    "multipart/report",
    "multipart/report; report-type=delivery-status; boundary=x",
    "MULTIPART/Report;boundary=x",
    "\r\n multipart/report",
    " (a (nested) comment) multipart (c) / (d)\r\n\treport (e); boundary=x",
    "(\\) still a comment) multipart/report",
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
  ])
    assert.equal(sign("Subject: x", `Content-Type: ${type}`), "multipart/report", type);
  assert.equal(sign("content-type : multipart/report"), "multipart/report");
  assert.equal(
    sign("Content-Type: text/plain", "Content-Type: multipart/report"),
    "multipart/report",
  );
});

test("other types are no reports", () => {
  for (const type of [
    "",
    "multipart",
    "multipart/",
    "/report",
    "multipart/mixed",
    "multipart/reports",
    "multipart/report-x",
    "multipart;/report",
    "text/plain; x=multipart/report",
    "(multipart/report) text/plain",
    "(multipart/report",
    "multipart/(report)",
  ])
    assert.equal(sign(`Content-Type: ${type}`), undefined, type);
  assert.equal(sign("X-Content-Type: multipart/report"), undefined);
  assert.equal(sign("Subject: x", " Content-Type: multipart/report"), undefined); // folded: it is subject
});

test("answers are known by Auto-Submitted; what a program sends by itself is no answer", () => {
  for (const value of [
    "auto-replied",
    "Auto-Replied",
    "(x) auto-replied; a=b",
    "auto-notified",
    "yes",
  ])
    assert.equal(sign(`Auto-Submitted: ${value}`), "Auto-Submitted", value);
  for (const value of [
    "no",
    "No (really)",
    "auto-generated",
    "auto-generated; x=auto-replied",
    "",
    "(auto-replied)",
  ])
    assert.equal(sign(`Auto-Submitted: ${value}`), undefined, value);
  assert.equal(sign("Auto-Submitted: no", "Auto-Submitted: auto-replied"), "Auto-Submitted");
});

test("an ordinary message is none of these", () => {
  assert.equal(
    sign("From: sender@foreign.example", "Subject: multipart/report", "Content-Type: text/plain"),
    undefined,
  );
  assert.equal(sign(), undefined);
  assert.equal(recogniseReport(SENDER, new Uint8Array(0)), undefined);
});

test("any octets are judged, without a throw", () => {
  const piece = fc.constantFrom(
    "Content-Type",
    "Auto-Submitted",
    "Return-Path",
    ":",
    " ",
    "\r\n",
    "\n",
    "(",
    ")",
    "\\",
    "<>",
    "multipart/report",
    "auto-replied",
    "\0",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const found = recogniseReport(SENDER, Buffer.from(pieces.join(""), "latin1"));
      assert.ok(found !== "null reverse-path");
    }),
    { numRuns: 2000 },
  );
});

/** Quadratic reading of any of these would take hours: the suite's time limit would end it. */
test("a mebibyte of each hostile shape is read to its end", () => {
  const MEBIBYTE = 1_048_576;
  for (const shape of [
    "Content-Type: text/plain\r\n",
    "Content-Type:\r\n ",
    "Content-Type:(",
    "(",
    "(\\",
    " \t",
    "\r\n ",
    "Content-Type ",
    ":",
    "\n",
    "a",
  ]) {
    const filler = shape.repeat(Math.floor(MEBIBYTE / shape.length));
    for (const begin of ["", "Content-Type: ", "Return-Path: <", "Auto-Submitted: no "])
      assert.equal(sign(begin + filler, "Subject: x"), undefined, `${begin} and ${shape}`);
    assert.equal(sign(filler, "Auto-Submitted: auto-replied"), "Auto-Submitted", shape);
  }
});
