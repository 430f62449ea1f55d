/** The one form of a password, and new ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemRandom } from "../../../src/runtime/index.ts";
import { generatePassword, preparePassword } from "../../../src/service/accounts/index.ts";

test("preparing twice is preparing once", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const once = preparePassword(text);
      if (typeof once === "string") assert.equal(preparePassword(once), once);
    }),
  );
});

test("what is no password", () => {
  assert.deepEqual(preparePassword(""), { fault: "empty" });
  for (const text of ["a\nb", "\x7f", "\x85", "\0", "\ud800"])
    assert.deepEqual(preparePassword(text), { fault: "control characters" }, JSON.stringify(text));
  assert.equal(preparePassword("x".repeat(255)), "x".repeat(255));
  assert.deepEqual(preparePassword("x".repeat(256)), { fault: "too long" });
  assert.deepEqual(preparePassword("é".repeat(128)), { fault: "too long" });
});

test("case, order and blanks at the ends are part of it", () => {
  for (const text of [" Secret ", "sEcret"]) assert.equal(preparePassword(text), text);
});

test("new passwords differ, are typed easily, and use every letter", () => {
  const made = Array.from({ length: 500 }, () => generatePassword(systemRandom));
  for (const password of made) assert.match(password, /^[a-km-np-z2-9]{5}(-[a-km-np-z2-9]{5}){3}$/);
  assert.equal(new Set(made).size, made.length);
  assert.equal(new Set(made.join("")).size, 33);
});
