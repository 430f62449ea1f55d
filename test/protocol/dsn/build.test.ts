/** Whatever strangers said, a report is well-formed: lines, parts, fields; and it says to everybody what he can read. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { isAscii, status } from "../../../src/mail/index.ts";
import {
  buildReport,
  recogniseReport,
  type Action,
  type Report,
  type ReportedRecipient,
} from "../../../src/protocol/dsn/index.ts";
import { address, HEADER_SECTION, NO_MAILBOX, report, STILL_TRYING } from "./reports.ts";

const BOUNDARY = "=_abababababababababababababababab";

interface Built {
  readonly header: string;
  /** Header and body of each part. */
  readonly parts: readonly (readonly [header: string, body: string])[];
  readonly whole: string;
}

/** Takes a report apart; octets are characters, so that nothing is repaired on the way. */
function built(of: Report, original = "(original)\r\n"): Built {
  const { head, tail, between } = buildReport(of);
  const middle = between === "nothing" ? "" : original;
  const whole =
    Buffer.from(head).toString("latin1") + middle + Buffer.from(tail).toString("latin1");
  const [header = "", ...rest] = whole.split(`\r\n--${BOUNDARY}\r\n`);
  const parts = rest.map((part): [string, string] => {
    const blank = part.indexOf("\r\n\r\n");
    return [part.slice(0, blank), part.slice(blank + 4).replace(`\r\n--${BOUNDARY}--\r\n`, "")];
  });
  return { header, parts, whole };
}

function unfolded(fields: string, name: string): string | undefined {
  const lines = fields.replace(/\r\n(?=[ \t])/g, "").split("\r\n");
  return lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
}

const text = (of: Report): string =>
  Buffer.from(built(of).parts[0]?.[1] ?? "", "latin1").toString();
const machine = (of: Report): string => built(of).parts[1]?.[1] ?? "";
const returned = (of: Report): string => built(of).parts[2]?.[1] ?? "";

function failedWith(...words: readonly string[]): ReportedRecipient {
  return {
    ...NO_MAILBOX,
    lastAttempt: {
      at: 0,
      status: status(550, "5.1.1", "x", "remote"),
      remote: { host: "mail.foreign.example", words },
    },
  };
}

const wild = fc.string({ unit: "binary", maxLength: 300 });
const piece = fc.oneof(
  wild,
  fc.constantFrom(
    "\r\n",
    "\r\n\r\n",
    `\r\n--${BOUNDARY}--\r\n`,
    "\n.\r\n",
    "\0",
    " ".repeat(1200),
    "x".repeat(3000),
    "\u{1f600}".repeat(700),
    "\u2028",
    "\u202e",
    "\u009b",
    "\ud800",
  ),
);
const hostile = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));

const recipients = fc.record({
  action: fc.constantFrom<Action[]>("failed", "delayed", "delivered", "relayed", "expanded"),
  words: fc.array(hostile, { maxLength: 4 }),
  host: hostile,
  type: fc.constantFrom("rfc822", "utf-8"),
  written: hostile.filter((written) => written !== ""),
  enhanced: fc.tuple(fc.nat(9), fc.nat(40)),
});

const reports = fc
  .record({
    list: fc.array(recipients, { minLength: 1, maxLength: 4 }),
    header: fc.array(fc.oneof(hostile, fc.constantFrom("Subject: ", "Message-ID: ", "\r\n")), {
      maxLength: 6,
    }),
    envelopeId: hostile.filter((id) => id !== ""),
    smtputf8: fc.boolean(),
    whole: fc.boolean(),
  })
  .map(({ list, header, envelopeId, smtputf8, whole }): Report => {
    const made = list.map(({ action, words, host, type, written, enhanced }): ReportedRecipient => {
      const said = status(550, `5.${enhanced.join(".")}`, "refused", "remote");
      return {
        action,
        finalRecipient: address("anna@foreign.example"),
        originalRecipient: { type, address: written },
        status: said,
        lastAttempt: { at: 0, status: said, remote: { host, words } },
        retryUntil: 86_400_000,
      };
    });
    // The framing lets no bare CR or LF in, and a blank line ends the section.
    const section = header.join("").replace(/\r(?!\n)|(?<!\r)\n/g, "");
    const fields = section.replace(/(?:\r\n)+/g, "\r\n").replace(/^\r\n/, "");
    return report(
      { recipients: [made[0] ?? NO_MAILBOX, ...made.slice(1)] },
      {
        envelopeId,
        smtputf8,
        headerSection: Buffer.from(fields.replaceAll(BOUNDARY, "")),
        ...(whole ? { returned: "FULL" as const } : {}),
      },
    );
  });

test("whatever strangers said, the report has its lines, its parts and its groups", () => {
  fc.assert(
    fc.property(reports, (made) => {
      const { header, parts, whole } = built(made);
      assert.doesNotMatch(whole, /\r(?!\n)|(?<!\r)\n/);
      for (const line of whole.split("\r\n"))
        assert.ok(line.length <= 998, `${line.length} octets`);
      assert.equal(parts.length, 3);
      assert.ok(whole.endsWith(`\r\n--${BOUNDARY}--\r\n`));
      const ours = [header, ...parts.slice(0, 2).flat()].join("");
      assert.doesNotMatch(Buffer.from(ours, "latin1").toString(), /(?![\r\n\t])\p{Cc}/u);
      const groups = (parts[1]?.[1] ?? "").split("\r\n\r\n");
      assert.equal(groups.length, 1 + made.recipients.length);
      for (const line of groups.join("\r\n").split("\r\n"))
        assert.match(line, /^(?:[A-Z][A-Za-z-]+: |[ ](?=[^ ])|$)/);
    }),
    { numRuns: 500 },
  );
});

test("octets beyond ASCII stand only where they are announced", () => {
  fc.assert(
    fc.property(reports, (made) => {
      const original = Buffer.from(made.original.headerSection).toString("latin1");
      const { header, parts, whole } = built(made, original);
      const { parameters } = buildReport(made);
      assert.equal(
        parameters.body === "8BITMIME",
        /[\x80-\xff]/.test(whole) || parameters.smtputf8,
      );
      assert.ok(parameters.smtputf8 || isAscii(header));
      for (const [head, body] of parts) {
        assert.match(head, /^Content-Transfer-Encoding: [78]bit$/m);
        if (!isAscii(body)) assert.match(head, /: 8bit$/m);
      }
      const second = parts[1]?.[0] ?? "";
      assert.equal(/message\/global-delivery-status/.test(second), parameters.smtputf8);
      if (!parameters.smtputf8) assert.ok(isAscii(parts[1]?.[1] ?? ""));
      if (!made.original.smtputf8) assert.equal(parameters.smtputf8, false);
    }),
    { numRuns: 500 },
  );
});

test("a report is recognised as one, by its envelope and by its header alone", () => {
  const { header } = built(report());
  const { envelope } = buildReport(report());
  assert.equal(envelope.reversePath, null);
  assert.deepEqual(envelope.forwardPaths, [address("ada@local.example")]);
  const section = Buffer.from(`${header}\r\n\r\n`);
  assert.equal(recogniseReport(address("ada@local.example"), section), "multipart/report");
  const withoutType = Buffer.from(`${header.replace("multipart/report", "text/plain")}\r\n\r\n`);
  assert.equal(recogniseReport(address("ada@local.example"), withoutType), "Auto-Submitted");
});

describe("the remote's words", () => {
  test("are exact, for people and for programs", () => {
    const lines = [
      '550-5.7.1 We do not like "this"; see https://mail.foreign.example/why?id=1&x=%20 for',
      "550 5.7.1 more (ref=<abc>)",
    ];
    const made = report({ recipients: [failedWith(...lines)] });
    const said = text(made).replace(/\r\n {8}/g, " ");
    assert.ok(said.includes(lines.join(" ")));
    assert.equal(unfolded(machine(made), "Diagnostic-Code"), `smtp; ${lines.join(" ")}`);
  });

  test("lose their controls, and their length beyond a limit", () => {
    const made = report({
      recipients: [failedWith("550 a\r\nBcc: x@y.example\0\x1b[2J", "x".repeat(5000))],
    });
    const said = unfolded(machine(made), "Diagnostic-Code") ?? "";
    assert.ok(said.startsWith("smtp; 550 a??Bcc: x@y.example??[2J "), said.slice(0, 60));
    assert.match(said, /x \[cut\]$/);
    assert.ok(said.length < 2100);
    assert.match(text(made), /x\r\n {8}\[cut\]\r\n/);
  });

  test("in UTF-8 are kept for who reads UTF-8; never what turns the line round", () => {
    const of = (smtputf8: boolean): string =>
      text(
        report(
          {
            to: address(smtputf8 ? "ädä@local.example" : "ada@local.example"),
            recipients: [failedWith("550 grüß \u202egnp.exe\u2028Gott")],
          },
          { smtputf8 },
        ),
      );
    assert.ok(of(true).includes("550 grüß ?gnp.exe?Gott"));
    assert.ok(of(false).includes("550 gr?? ?gnp.exe?Gott"));
  });

  test("are not made up where nobody said any", () => {
    const silent = { ...NO_MAILBOX, lastAttempt: undefined };
    const { lastAttempt: _, ...recipient } = silent;
    const made = report({ recipients: [recipient] });
    assert.equal(unfolded(machine(made), "Diagnostic-Code"), "x-gatepost; 550 5.1.1 user unknown");
    assert.equal(unfolded(machine(made), "Remote-MTA"), undefined);
    assert.doesNotMatch(text(made), /said:/);
  });
});

describe("what comes back", () => {
  test("is the whole message on RET=FULL with a failure, else its header", () => {
    const between = (action: Action, ret?: "FULL" | "HDRS"): string =>
      buildReport(
        report(
          { recipients: [{ ...STILL_TRYING, action }] },
          ret === undefined ? {} : { returned: ret },
        ),
      ).between;
    assert.equal(between("failed", "FULL"), "the original message");
    for (const action of ["delayed", "delivered", "relayed", "expanded"] as const)
      assert.equal(between(action, "FULL"), "nothing", action);
    assert.equal(between("failed", "HDRS"), "nothing");
    assert.equal(between("failed"), "nothing");
  });

  test("the header comes back octet by octet, without its blank line", () => {
    const fields = HEADER_SECTION.slice(0, -2);
    for (const section of [HEADER_SECTION, fields, fields.slice(0, -2)])
      assert.equal(returned(report({}, { headerSection: Buffer.from(section) })), fields);
    for (const section of ["", "\r\n"])
      assert.equal(returned(report({}, { headerSection: Buffer.from(section) })), "");
    const behind = Buffer.from(`${HEADER_SECTION}secret body\r\n`);
    assert.equal(returned(report({}, { headerSection: behind })), fields);
  });

  test("a line too long is folded, and never inside a character", () => {
    for (const letter of ["x", "é", "€", "\u{1f600}"])
      for (const before of ["", "x", "xx", "xxx"]) {
        const line = Buffer.from(`${before}${letter.repeat(1500)}`);
        const section = Buffer.concat([line, Buffer.from("\r\nSubject: x\r\n\r\n")]);
        const back = Buffer.from(
          returned(report({}, { headerSection: section, smtputf8: true })),
          "latin1",
        );
        const lines = back.toString().split("\r\n");
        assert.ok(lines.every((one) => !one.includes("\ufffd")));
        assert.equal(lines.slice(0, -2).join("").replaceAll(" ", ""), line.toString());
      }
    const beyond = Buffer.from(`X: ${"x".repeat(996)}\r\n\r\n`);
    assert.match(returned(report({}, { headerSection: beyond })), /^X: x{897}\r\n x{99}\r\n$/);
    const just = `X: ${"x".repeat(995)}\r\n`;
    assert.equal(returned(report({}, { headerSection: Buffer.from(`${just}\r\n`) })), just);
  });

  test("octets that are no UTF-8 make no international part", () => {
    const section = Buffer.from("Subject: gr\xfc\xdf\r\n\r\n", "latin1");
    for (const smtputf8 of [true, false]) {
      const made = report({}, { headerSection: section, smtputf8 });
      assert.match(built(made).parts[2]?.[0] ?? "", /text\/rfc822-headers\r\n.*8bit/);
      assert.equal(buildReport(made).parameters.smtputf8, false);
      assert.equal(unfolded(built(made).header, "Subject"), "Not delivered: gr??");
    }
  });
});

describe("UTF-8", () => {
  const header = Buffer.from("Subject: grüße\r\n\r\n");
  const typesOf = (made: Report): string[] =>
    built(made)
      .parts.slice(1)
      .map(([fields]) => unfolded(fields, "Content-Type") ?? "");

  test("is for who sent a message with it, be it only in the header", () => {
    const made = report({}, { headerSection: header, smtputf8: true });
    assert.deepEqual(typesOf(made), ["message/global-delivery-status", "message/global-headers"]);
    assert.deepEqual(buildReport(made).parameters, { smtputf8: true, body: "8BITMIME" });
  });

  test("in a header whose sender did not say so is 8-bit text of unknown kind", () => {
    const made = report({}, { headerSection: header });
    assert.deepEqual(typesOf(made), ["message/delivery-status", "text/rfc822-headers"]);
    assert.deepEqual(buildReport(made).parameters, { smtputf8: false, body: "8BITMIME" });
  });

  test("is announced also where only an address of the header needs it", () => {
    for (const change of [
      { to: address("ädä@local.example") },
      { postmaster: address("pöst@local.example") },
    ])
      assert.deepEqual(buildReport(report(change)).parameters, {
        smtputf8: true,
        body: "8BITMIME",
      });
  });
});

test("where an address led is said only if that is another", () => {
  const led = (written: string, final: string): boolean =>
    text(
      report({
        recipients: [
          {
            ...NO_MAILBOX,
            originalRecipient: { type: "rfc822", address: written },
            finalRecipient: address(final),
          },
        ],
      }),
    ).includes("which led to");
  assert.equal(led("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"), false);
  assert.equal(led("anna@bücher.example", "anna@xn--bcher-kva.example"), false);
  assert.equal(led("team@foreign.example", "anna@foreign.example"), true);
});

test("fields stand only where they mean something", () => {
  const { remote: _, ...unreached } = STILL_TRYING.lastAttempt ?? {
    at: 0,
    status: STILL_TRYING.status,
  };
  const made = report({
    recipients: [
      { ...STILL_TRYING, action: "failed" },
      { ...STILL_TRYING, lastAttempt: unreached },
      { ...failedWith("550 x"), lastAttempt: { ...unreached, remote: { host: " ", words: [] } } },
    ],
  });
  const [, failed = "", delayed = "", nameless = ""] = machine(made).split("\r\n\r\n");
  assert.equal(unfolded(failed, "Will-Retry-Until"), undefined);
  assert.equal(unfolded(delayed, "Will-Retry-Until"), "Sun, 29 Nov 2026 12:00:00 +0000");
  assert.equal(unfolded(delayed, "Remote-MTA"), undefined);
  assert.equal(unfolded(delayed, "Diagnostic-Code"), "x-gatepost; 452 4.2.2 mailbox full");
  assert.equal(unfolded(nameless, "Remote-MTA"), "dns; unknown");
});

test("Remote-MTA is one name, and people see the address too", () => {
  const remote = { host: "mx.foreign.example [192.0.2.7]", words: ["550 x"] };
  const lastAttempt = { at: 0, status: NO_MAILBOX.status, remote };
  const made = report({ recipients: [{ ...NO_MAILBOX, lastAttempt }] });
  const [, group = ""] = machine(made).split("\r\n\r\n");
  assert.equal(unfolded(group, "Remote-MTA"), "dns; mx.foreign.example");
  assert.match(text(made), /The server mx\.foreign\.example \[192\.0\.2\.7\] said:/);
});

describe("the header of the report", () => {
  const subject = (line: string): string | undefined =>
    unfolded(
      built(report({}, { headerSection: Buffer.from(`${line}\r\n\r\n`) })).header,
      "Subject",
    );

  test("has the subject of the message, encoded words as they are", () => {
    assert.equal(
      subject("Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?x?="),
      "Not delivered: =?utf-8?q?gr=C3=BC=C3=9Fe?= =?utf-8?q?x?=",
    );
    assert.equal(subject("SUBJECT:  a\r\n\tb  "), "Not delivered: a b");
    assert.equal(subject("X: y"), "Not delivered");
    assert.equal(subject("Subject: "), "Not delivered");
  });

  test("cuts a long subject, but no encoded word in two", () => {
    assert.equal(
      subject(`Subject: ${"word ".repeat(100)}`)?.length,
      "Not delivered: ".length + 203,
    );
    const encoded = subject(`Subject: ${"=?utf-8?q?abcdefghijklmno?= ".repeat(20)}`) ?? "";
    assert.match(encoded, /^Not delivered: (?:=\?utf-8\?q\?abcdefghijklmno\?= )+\.\.\.$/);
  });

  test("refers to the message, if its Message-ID is one", () => {
    const references = (line: string): string | undefined =>
      unfolded(
        built(report({}, { headerSection: Buffer.from(`${line}\r\n\r\n`) })).header,
        "References",
      );
    assert.equal(references("Message-ID: <a@b>"), "<a@b>");
    assert.equal(references("Message-Id:\r\n <a@b> "), "<a@b>");
    for (const value of ["", "a@b", "<a b@c>", "<a@b> <c@d>", "<é@b>", `<${"x".repeat(600)}@b>`])
      assert.equal(references(`Message-ID: ${value}`), undefined, value);
  });

  test("keeps the longest address in one piece", () => {
    const longest = address(
      `${"a".repeat(64)}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(57)}.example`,
    );
    const { header } = built(report({ to: longest }));
    assert.match(header, /^To: <a{64}@b{60}\.c{60}\.d{57}\.example>$/m);
  });
});

test("the boundary is made of all its randomness, and of enough", () => {
  const entropy = new Uint8Array(16).map((_, i) => i);
  const { head, tail } = buildReport(report({ entropy }));
  assert.equal(Buffer.from(tail).toString(), "\r\n--=_000102030405060708090a0b0c0d0e0f--\r\n");
  assert.ok(Buffer.from(head).includes('boundary="=_000102030405060708090a0b0c0d0e0f"'));
  assert.throws(() => buildReport(report({ entropy: new Uint8Array(15) })), RangeError);
});
