/**
 * What a built report looks like, to the letter: one file for each in this folder, for people to read. UPDATE=1 writes
 * them anew, for review. Lines end with LF there; the original message is one line.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { buildReport, type ReportParts } from "../../../src/protocol/dsn/index.ts";
import { REPORTS } from "./reports.ts";

function shown({ envelope, parameters, between, head, tail }: ReportParts): string {
  const middle = between === "nothing" ? "" : "(the original message)";
  const text = Buffer.from(head).toString() + middle + Buffer.from(tail).toString();
  const recipients = envelope.forwardPaths.length;
  const transport = `MAIL FROM:<> BODY=${parameters.body}${parameters.smtputf8 ? " SMTPUTF8" : ""}`;
  return `${transport}, recipients: ${recipients}\n\n${text.replaceAll("\r\n", "\n")}`;
}

const FOLDER = import.meta.dirname;

describe("the report", () => {
  for (const [name, report] of Object.entries(REPORTS)) {
    test(name, () => {
      const file = join(FOLDER, `${name}.txt`);
      const built = shown(buildReport(report));
      if (process.env["UPDATE"] === "1") writeFileSync(file, built);
      assert.equal(built, readFileSync(file, "utf8"));
    });
  }
});

test("each example is one of a report", () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".txt"));
  assert.deepEqual(
    files.toSorted(),
    Object.keys(REPORTS)
      .map((name) => `${name}.txt`)
      .toSorted(),
  );
});
