/** Uids: what POP3 allows, there and back, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatUid, newToken, parseUid } from "../../../src/store/sqlite/uid.ts";

test("a uid is short, printable and read back", () => {
  for (const number of [1, 42, Number.MAX_SAFE_INTEGER]) {
    const uid = { token: newToken(), number };
    const text = formatUid(uid);
    assert.match(text, /^[\x21-\x7e]{1,70}$/); // RFC 1939 §7
    assert.deepEqual(parseUid(text), uid);
  }
});

test("no two tokens are the same", () => {
  const tokens = Array.from({ length: 1000 }, newToken);
  assert.equal(new Set(tokens).size, 1000);
});

test("there is one way to write a uid", () => {
  for (const text of [
    "",
    "abc",
    "abc.",
    "abc.x",
    "abc.1.2",
    "abc.-1",
    "abc.1e3",
    "abc.01",
    "abc. 1",
    "abc.0x1",
    "abc.1.0",
  ])
    assert.equal(parseUid(text), undefined, text);
});
