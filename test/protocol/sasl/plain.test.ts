/** RFC 4616 and strict base64. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeBase64, openExchange, type SaslStep } from "../../../src/protocol/sasl/index.ts";

const plain = (message: string | Uint8Array): SaslStep =>
  openExchange("PLAIN").receive(Buffer.from(message));

function claims(login: string, password: string): SaslStep {
  return { kind: "ask", ask: { kind: "credentials", mechanism: "PLAIN", login, password } };
}

test("one message, after an empty challenge", () => {
  const exchange = openExchange("PLAIN");
  assert.deepEqual(exchange.begin(), { kind: "challenge", message: "" });
  assert.deepEqual(exchange.receive(Buffer.from("\0ann\0secret")), claims("ann", "secret"));
  assert.deepEqual(exchange.answer({ kind: "authenticated" }), { kind: "done" });
});

test("base64 has exactly one spelling for each message", () => {
  for (const wrong of [
    "A",
    "AB",
    "ABC",
    "AB=C",
    "====",
    "=",
    "AA=A",
    " AAAA",
    "AAAA\n",
    "AA A",
    "AB==",
    "AAB=",
    "A_A=",
    "AA-=",
  ])
    assert.equal(decodeBase64(wrong), undefined, JSON.stringify(wrong));
  assert.deepEqual(decodeBase64(""), new Uint8Array(0));
  fc.assert(
    fc.property(fc.uint8Array(), (octets) => {
      assert.deepEqual(decodeBase64(Buffer.from(octets).toString("base64")), octets);
    }),
  );
});

test("a text that is not the encoding of its own decoding is refused", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("A", "B", "x", "z", "0", "9", "+", "/", "=", " ", "\n") }),
      (text) => {
        const octets = decodeBase64(text);
        if (octets !== undefined) assert.equal(Buffer.from(octets).toString("base64"), text);
      },
    ),
  );
});

test("name and password come out as they went in", () => {
  const part = fc
    .string({ minLength: 1, unit: "binary" })
    .filter((text) => !text.includes("\0") && text.isWellFormed());
  fc.assert(
    fc.property(part, part, fc.boolean(), (login, password, named) => {
      const message = `${named ? login : ""}\0${login}\0${password}`;
      assert.deepEqual(plain(message), claims(login, password));
    }),
  );
});

test("nobody acts as somebody else", () => {
  for (const authzid of ["bob", "ann ", "ANN", "a"])
    assert.deepEqual(
      plain(`${authzid}\0ann\0secret`),
      { kind: "refuse", why: "other-identity" },
      authzid,
    );
});

test("anything but three parts is malformed", () => {
  for (const text of [
    "",
    "ann",
    "\0ann",
    "\0\0secret",
    "\0ann\0",
    "\0ann\0se\0cret",
    "ann\0secret",
  ])
    assert.deepEqual(plain(text), { kind: "refuse", why: "malformed" }, JSON.stringify(text));
  const notUtf8 = Uint8Array.of(0, 0xff, 0, 0x61);
  assert.deepEqual(plain(notUtf8), { kind: "refuse", why: "malformed" });
});

test("a byte order mark is part of a name, not of its encoding", () => {
  const login = "\ufeffann";
  assert.deepEqual(plain(`${login}\0${login}\0secret`), claims(login, "secret"));
  assert.deepEqual(plain(`${login}\0ann\0secret`), { kind: "refuse", why: "other-identity" });
});
