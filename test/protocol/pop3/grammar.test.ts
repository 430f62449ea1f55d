/** Command lines: what is one and what is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseCommand } from "../../../src/protocol/pop3/grammar.ts";

const parse = (line: string) => parseCommand(Buffer.from(line));
const command = (line: string) => {
  const result = parse(line);
  assert.equal(result.kind, "command", line);
  return result.kind === "command" ? result.command : undefined;
};

test("keywords are read in any case of ASCII letters, and in no other", () => {
  assert.deepEqual(command("noop"), { verb: "NOOP" });
  assert.deepEqual(command("StAt"), { verb: "STAT" });
  // U+017F is an "s" to a careless upper-casing.
  assert.equal(parse("\u017ftat").kind, "fault");
});

test("arguments", () => {
  assert.deepEqual(command("TOP 1 0"), { verb: "TOP", number: 1, lines: 0 });
  assert.deepEqual(command("LIST 0012"), { verb: "LIST", number: 12 });
  assert.deepEqual(command("UIDL"), { verb: "UIDL" });
  assert.deepEqual(command("PASS  a  b "), { verb: "PASS", password: " a  b " });
  assert.deepEqual(command("USER jürgen@bücher.example"), {
    verb: "USER",
    name: "jürgen@bücher.example",
  });
  assert.deepEqual(command("AUTH plain AAAA"), {
    verb: "AUTH",
    mechanism: "PLAIN",
    initialResponse: "AAAA",
  });
  assert.deepEqual(command("APOP whatever it is"), { verb: "APOP" });
});

test("numbers are decimal digits and nothing else", () => {
  for (const number of ["", "x", "+1", "-1", "1.0", "1e3", "0x1", " 1", "1 ", "١", "12345678901"])
    for (const verb of ["RETR", "DELE"])
      assert.deepEqual(
        parse(`${verb} ${number}`),
        { kind: "fault", fault: "bad-arguments", verb },
        number,
      );
});

test("a space has an argument behind it, and an argument no control characters", () => {
  for (const verb of [
    "STAT",
    "LIST",
    "UIDL",
    "RSET",
    "NOOP",
    "QUIT",
    "CAPA",
    "USER",
    "PASS",
    "APOP",
  ])
    assert.deepEqual(parse(`${verb} `), { kind: "fault", fault: "bad-arguments", verb });
  for (const argument of ["\t", "a\tb", "\x1b[31m", "a\x7f"])
    for (const verb of ["USER", "PASS"])
      assert.equal(parse(`${verb} ${argument}`).kind, "fault", argument);
});

test("a mechanism's name is ASCII before it is put into upper case", () => {
  for (const name of ["PLA\u0131N", "\u017fCRAM-SHA-256", "A".repeat(21), "PLAIN\u00e9", "PL.IN"])
    assert.equal(parse(`AUTH ${name}`).kind, "fault", name);
  assert.deepEqual(command("AUTH scram-Sha-256"), { verb: "AUTH", mechanism: "SCRAM-SHA-256" });
});

test("a fault never repeats what was sent", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (line) => {
      const result = parseCommand(line);
      if (result.kind === "fault") assert.match(result.verb, /^([A-Z]{3}[A-Z8]?|unknown)$/);
    }),
  );
});
