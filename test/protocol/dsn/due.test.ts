/** Who is told: the whole table of what the sender asked for, what happened, and who the sender is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  readNotify,
  reportDecision,
  type Action,
  type Origin,
  type ReportSign,
} from "../../../src/protocol/dsn/index.ts";

const ACTIONS: readonly Action[] = ["failed", "delayed", "delivered", "relayed", "expanded"];

/** NOTIFY; then whether each action is reported, in the order above, to our own users and to verified others. */
const TABLE: readonly (readonly [notify: string, ours: string, others: string])[] = [
  ["", "yes yes no  no  no ", "yes no  no  no  no "],
  ["NEVER", "no  no  no  no  no ", "no  no  no  no  no "],
  ["FAILURE", "yes no  no  no  no ", "yes no  no  no  no "],
  ["DELAY", "no  yes no  no  no ", "no  yes no  no  no "],
  ["FAILURE,DELAY", "yes yes no  no  no ", "yes yes no  no  no "],
  ["SUCCESS", "no  no  yes yes yes", "no  no  yes yes yes"],
  ["SUCCESS,FAILURE", "yes no  yes yes yes", "yes no  yes yes yes"],
  ["SUCCESS,DELAY", "no  yes yes yes yes", "no  yes yes yes yes"],
  ["SUCCESS,FAILURE,DELAY", "yes yes yes yes yes", "yes yes yes yes yes"],
];

const SIGNS: readonly (ReportSign | undefined)[] = [
  undefined,
  "null reverse-path",
  "Return-Path: <>",
  "multipart/report",
  "Auto-Submitted",
];

function row(notify: string, origin: Origin, sign?: ReportSign): string {
  const asked = readNotify(notify);
  const due = ACTIONS.map((action) => reportDecision({ origin, sign }, action, asked).due);
  return due.map((yes) => (yes ? "yes" : "no ")).join(" ");
}

describe("a report is due", () => {
  for (const [notify, ours, others] of TABLE) {
    test(notify === "" ? "without NOTIFY" : `with NOTIFY=${notify}`, () => {
      assert.equal(row(notify, "submitted"), ours);
      assert.equal(row(notify, "verified"), others);
    });
  }
});

test("never about a report, whatever is asked for and by whom", () => {
  for (const [notify] of TABLE)
    for (const origin of ["submitted", "verified", "unverified"] as const)
      for (const sign of SIGNS)
        if (sign !== undefined) assert.equal(row(notify, origin, sign), "no  no  no  no  no ");
});

test("never to an address that anybody may have written", () => {
  for (const [notify] of TABLE) assert.equal(row(notify, "unverified"), "no  no  no  no  no ");
});

test("each decision has a reason that names what decided", () => {
  const reason = (origin: Origin, sign: ReportSign | undefined, action: Action, notify: string) =>
    reportDecision({ origin, sign }, action, readNotify(notify)).reason;
  assert.match(reason("submitted", "multipart/report", "failed", ""), /multipart\/report/);
  assert.match(reason("unverified", undefined, "failed", "FAILURE"), /not verified/);
  assert.match(reason("verified", undefined, "delayed", ""), /other servers/);
  assert.match(reason("submitted", undefined, "delayed", "FAILURE"), /DELAY/);
  assert.match(reason("submitted", undefined, "failed", "NEVER"), /FAILURE/);
  assert.match(reason("submitted", undefined, "relayed", "SUCCESS"), /SUCCESS/);
});
