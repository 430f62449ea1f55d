/**
 * Reports as another parser reads them: Python's email package. It finds the three parts, every field with the value
 * that was meant, nothing to complain about, and the original as it was.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatAddress } from "../../src/mail/index.ts";
import { buildReport, type Action, type Report } from "../../src/protocol/dsn/index.ts";
import { HEADER_SECTION, NO_MAILBOX, report, REPORTS } from "../protocol/dsn/reports.ts";
import { readReport, type ReadReport } from "./support/report-reader.ts";

function read(of: Report, original = ""): Promise<ReadReport> {
  const { head, tail, between } = buildReport(of);
  const middle = Buffer.from(between === "nothing" ? "" : original);
  return readReport(Buffer.concat([head, middle, tail]));
}

const ORIGINAL = `${HEADER_SECTION}Dear Anna,\r\n\r\nfigures: grün\r\n.\r\n--=_ not ours\r\n`;

/** What a person reads of each. */
const SAID: Readonly<Record<Action, string>> = {
  failed: "Not delivered. This server has given up.",
  delayed: "This server keeps trying, until Sun, 29 Nov 2026 12:00:00 +0000",
  delivered: "Delivered to the mailbox.",
  relayed: "Handed on to mail.foreign.example.",
  expanded: "Handed on to the members of a list.",
};

describe("Python's email package reads", () => {
  for (const [name, made] of Object.entries(REPORTS)) {
    test(name, async () => {
      const international = name.endsWith("international");
      const found = await read(made, ORIGINAL);
      assert.deepEqual(found.defects, []);
      assert.equal(found.to, formatAddress(made.to));
      assert.equal(found.reportType, "delivery-status");
      assert.deepEqual(found.types.slice(0, 3), [
        "multipart/report",
        "text/plain",
        international ? "message/global-delivery-status" : "message/delivery-status",
      ]);
      assert.equal(found.header.get("Auto-Submitted"), "auto-replied");
      assert.equal(found.header.get("Message-ID"), "<888888888888-1@mx.local.example>");
      const [message, ...recipients] = found.groups;
      assert.equal(message?.get("Reporting-MTA"), "dns; mx.local.example");
      assert.equal(message?.get("Original-Envelope-Id"), made.original.envelopeId);
      assert.equal(recipients.length, made.recipients.length);
      for (const [i, { action, status, lastAttempt }] of made.recipients.entries()) {
        const group = recipients[i];
        assert.equal(group?.get("Action"), action);
        assert.equal(group?.get("Status"), status.enhanced);
        assert.equal(group?.has("Last-Attempt-Date"), lastAttempt !== undefined);
        assert.equal(group?.has("Will-Retry-Until"), action === "delayed");
        assert.ok(found.text.replace(/\s+/g, " ").includes(SAID[action]), found.text);
      }
    });
  }

  test("the header that comes back, octet by octet", async () => {
    const { returned, types } = await read(report());
    assert.equal(types[3], "text/rfc822-headers");
    assert.equal(returned, HEADER_SECTION.slice(0, -2));
  });

  test("the whole message that comes back, octet by octet", async () => {
    const { returned, types } = await read(
      report({}, { returned: "FULL", body: "8BITMIME" }),
      ORIGINAL,
    );
    assert.equal(types[3], "message/rfc822");
    assert.equal(returned, ORIGINAL);
  });

  test("the header of an international message, octet by octet but for the blank line", async () => {
    const made = REPORTS["international"];
    assert.ok(made !== undefined);
    const { returned, types } = await read(made);
    assert.equal(types[3], "message/global-headers");
    assert.equal(returned.trimEnd(), Buffer.from(made.original.headerSection).toString().trimEnd());
    assert.match(returned, /^Subject: Zahlen für Jörg\r$/m);
  });

  test("addresses in letters and escaped", async () => {
    const recipients = async (name: string): Promise<(string | undefined)[]> => {
      const made = REPORTS[name];
      assert.ok(made !== undefined);
      const group = (await read(made)).groups[1];
      return [group?.get("Original-Recipient"), group?.get("Final-Recipient")];
    };
    assert.deepEqual(await recipients("international"), [
      "utf-8; jörg@bücher.example",
      "utf-8; jörg@xn--bcher-kva.example",
    ]);
    assert.deepEqual(await recipients("international-address-in-ascii"), [
      "utf-8; j\\x{F6}rg@b\\x{FC}cher.example",
      "utf-8; j\\x{F6}rg@xn--bcher-kva.example",
    ]);
  });

  test("a hostile reply as one field, and no part more", async () => {
    const words = [
      "550 x\r\n\r\n--=_abababababababababababababababab--\r\n\0",
      `550 ${"y".repeat(3000)}`,
    ];
    const status = NO_MAILBOX.status;
    const hostile = {
      ...NO_MAILBOX,
      lastAttempt: { at: 0, status, remote: { host: "a\r\nb", words } },
    };
    const { defects, types, groups } = await read(report({ recipients: [hostile, NO_MAILBOX] }));
    assert.deepEqual([defects, types.length, groups.length], [[], 4, 3]);
    assert.equal(groups[1]?.get("Remote-MTA"), "dns; a??b");
    assert.match(
      groups[1]?.get("Diagnostic-Code") ?? "",
      /^smtp; 550 x\?{4}--=_(?:ab){16}--\?{3} 550 y/,
    );
  });
});
