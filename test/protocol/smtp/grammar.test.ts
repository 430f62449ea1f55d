/** Command lines: never a throw, never a wrong verb, and nothing is read twice in two ways. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  readBdat,
  readCommandLine,
  readHeloName,
  readMail,
  readRcpt,
  type CommandLine,
} from "../../../src/protocol/smtp/grammar.ts";
import { formatForwardPath, formatReversePath } from "../../../src/mail/index.ts";

function line(text: string): CommandLine {
  const read = readCommandLine(Buffer.from(text));
  if (typeof read === "string") throw new Error(`${text}: ${read}`);
  return read;
}

const noLineEnds = fc
  .uint8Array({ maxLength: 80 })
  .map((octets) => octets.filter((octet) => octet !== 0 && octet !== 10 && octet !== 13));

describe("readCommandLine", () => {
  test("takes any octets, and a verb only from ASCII letters", () => {
    const verbs = fc.constantFrom("MAIL FROM:", "rcpt to:", "BDAT ", "EHLO ", "Quit", "");
    fc.assert(
      fc.property(verbs, noLineEnds, (verb, rest) => {
        const octets = Buffer.concat([Buffer.from(verb), rest]);
        const read = readCommandLine(octets);
        if (typeof read === "string") return;
        assert.equal(octets.toString("latin1", 0, read.verb.length).toUpperCase(), read.verb);
        assert.doesNotMatch(read.text, /[\x00-\x1f\x7f]/);
        assert.ok(octets.equals(Buffer.from(read.text.padEnd(octets.toString().length))));
      }),
      { numRuns: 2000 },
    );
  });

  test("an octet above 127 goes with MAIL, RCPT and VRFY only", () => {
    for (const verb of ["EHLO", "HELO", "DATA", "BDAT", "RSET", "NOOP", "HELP", "STARTTLS", "QUIT"])
      assert.equal(readCommandLine(Buffer.from(`${verb} é`)), "notAscii");
    for (const verb of ["MAIL", "RCPT", "VRFY"])
      assert.equal(typeof readCommandLine(Buffer.from(`${verb} é`)), "object");
  });
});

describe("arguments", () => {
  test("are read or named as a reply, whatever they are", () => {
    const piece = fc.constantFrom(
      ...'< > @ . , : " \\ a % ! [ ] [192.0.2.1] é SIZE=1 BODY=8BITMIME SMTPUTF8 local.example postmaster ='.split(
        " ",
      ),
      " ",
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, fc.boolean(), (rest, smtputf8) => {
        const mail = readMail(line(`MAIL FROM:<${rest}`));
        const rcpt = readRcpt(line(`RCPT TO:<${rest}`), smtputf8);
        if (typeof mail !== "string") {
          const again = readMail(line(`MAIL FROM:${formatReversePath(mail.reversePath)} SMTPUTF8`));
          assert.deepEqual(typeof again !== "string" && again.reversePath, mail.reversePath);
        }
        if (typeof rcpt !== "string") {
          const again = readRcpt(line(`RCPT TO:${formatForwardPath(rcpt.forwardPath)}`), smtputf8);
          assert.deepEqual(typeof again !== "string" && again.forwardPath, rcpt.forwardPath);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("of BDAT: digits, LAST in any case, nothing else", () => {
    assert.deepEqual(readBdat(line("BDAT 10")), { octets: 10, last: false });
    assert.deepEqual(readBdat(line("bdat 007 last  ")), { octets: 7, last: true });
    for (const text of [
      "BDAT",
      "BDAT +1",
      "BDAT 1.0",
      "BDAT 1e3",
      "BDAT 1  LAST",
      "BDAT 1 FIRST",
      "BDAT 1LAST",
      "BDAT  1",
    ])
      assert.equal(readBdat(line(text)), undefined, text);
  });

  test("of EHLO: what can stand in a Received field", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const read = readCommandLine(Buffer.from(`EHLO ${text}`));
        const name = typeof read === "string" ? undefined : readHeloName(read);
        if (name !== undefined) assert.match(name, /^[!#-'*+\-./0-9:=?A-Z[\]^-~]{1,255}$/);
      }),
    );
  });
});
