/** What the client says: the forms that no transcript shows, and what it refuses to say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, type Address } from "../../../src/mail/index.ts";
import { originalRecipientOf } from "../../../src/protocol/dsn/index.ts";
import { encodeCommand } from "../../../src/protocol/smtp/client-commands.ts";

function address(text: string): Address {
  const read = parseAddress(text);
  assert.ok(typeof read !== "string", text);
  return read;
}

/** An address that no parser made. */
function forged(local: string): Address {
  return { ...address("a@local.example"), local };
}

const bob = address("bob@foreign.example");

test("a control character in a command is our bug", () => {
  for (const local of ["a\r\nRCPT TO:<x@y.example>", "a\n", "a\0", "a\x7f", "a\t"]) {
    assert.throws(() => encodeCommand({ verb: "RCPT", forwardPath: forged(local) }), RangeError);
    assert.throws(
      () =>
        encodeCommand({
          verb: "MAIL",
          reversePath: forged(local),
          parameters: { smtputf8: false },
        }),
      RangeError,
    );
  }
});

test("so is half a character", () => {
  assert.throws(() => encodeCommand({ verb: "RCPT", forwardPath: forged("a\ud800") }), RangeError);
});

test("so is a host name of two words, or of none", () => {
  for (const name of ["", "a b", "a\r\nQUIT", "é.example"])
    assert.throws(() => encodeCommand({ verb: "EHLO", name }), RangeError);
});

test("so is a size that is no count of octets", () => {
  for (const size of [-1, 1.5, Number.NaN, Infinity])
    assert.throws(
      () =>
        encodeCommand({ verb: "MAIL", reversePath: null, parameters: { smtputf8: false, size } }),
      RangeError,
    );
});

test("an envelope id is written as xtext, whatever is in it", () => {
  const command = encodeCommand({
    verb: "MAIL",
    reversePath: null,
    parameters: { smtputf8: false },
    dsn: { envid: "a b+=~" },
  });
  assert.equal(command, "MAIL FROM:<> ENVID=a+20b+2B+3D~\r\n");
  assert.throws(() =>
    encodeCommand({
      verb: "MAIL",
      reversePath: null,
      parameters: { smtputf8: false },
      dsn: { envid: "é" },
    }),
  );
});

test("an original recipient is written as xtext, quotes and all", () => {
  const dsn = { originalRecipient: originalRecipientOf('"a b\\""@old.example') };
  const command = encodeCommand({ verb: "RCPT", forwardPath: bob, dsn });
  assert.equal(command, 'RCPT TO:<bob@foreign.example> ORCPT=rfc822;"a+20b\\""@old.example\r\n');
});

test("one that is not ASCII in the form that needs no SMTPUTF8", () => {
  const dsn = { originalRecipient: originalRecipientOf("ж+\u{1f600}@old.example") };
  const command = encodeCommand({ verb: "RCPT", forwardPath: bob, dsn });
  assert.equal(
    command,
    "RCPT TO:<bob@foreign.example> ORCPT=utf-8;\\x{436}\\x{2B}\\x{1F600}@old.example\r\n",
  );
});

test("an international address leaves as UTF-8", () => {
  const command = encodeCommand({ verb: "RCPT", forwardPath: address("é@foreign.example") });
  assert.deepEqual(command, Uint8Array.from(Buffer.from("RCPT TO:<é@foreign.example>\r\n")));
});
