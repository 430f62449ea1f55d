/** PHC strings, and argon2id behind them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemRandom } from "../../../src/runtime/index.ts";
import {
  HASH_COST,
  makeVerifier,
  preparePassword,
  type Password,
} from "../../../src/service/accounts/index.ts";
import { isRight, parseVerifier } from "../../../src/service/accounts/verifier.ts";

const CHEAP = { memoryKiB: 8, passes: 1, parallelism: 1 };

function password(text: string): Password {
  const form = preparePassword(text);
  if (typeof form !== "string") throw new Error(form.fault);
  return form;
}

/** What the reference implementation makes of "password" and the salt "somesalt", with 64 MiB and two passes. */
const REFERENCE =
  "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

test("a hash of the reference implementation is understood", async () => {
  const verifier = parseVerifier(REFERENCE);
  assert.ok(verifier !== undefined);
  assert.equal(await isRight(password("password"), verifier), true);
  assert.equal(await isRight(password("Password"), verifier), false);
});

test("what is made is OWASP's argon2id, with a salt of its own each time", async () => {
  const [one, two] = [
    await makeVerifier("secret", systemRandom),
    await makeVerifier("secret", systemRandom),
  ];
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, two);
  assert.deepEqual(parseVerifier(one)?.cost, HASH_COST);
});

test("the password is right, every other one is wrong", async () => {
  const text = fc
    .string({ minLength: 1, maxLength: 60, unit: "grapheme" })
    .filter((some) => typeof preparePassword(some) === "string");
  await fc.assert(
    fc.asyncProperty(text, text, async (right, other) => {
      const verifier = parseVerifier(await makeVerifier(right, systemRandom, CHEAP));
      assert.ok(verifier !== undefined);
      assert.equal(await isRight(password(right), verifier), true);
      assert.equal(await isRight(password(other), verifier), password(other) === password(right));
    }),
    { numRuns: 50 },
  );
});

test("what is no verifier, or one that would take the machine down, is not read", () => {
  const salt = "c29tZXNhbHRzb21lc2FsdA";
  const hash = "q4JWcG0mCtuX1cBGN1yQqGcvCe1cC1hMTfhVYjdqPlU";
  const phc = (cost: string) => `$argon2id$v=19$${cost}$${salt}$${hash}`;
  assert.ok(parseVerifier(phc("m=19456,t=2,p=1")) !== undefined);
  const wrong = [
    "",
    "secret",
    phc("m=7,t=2,p=1"),
    phc("m=15,t=2,p=2"),
    phc("m=19456,t=0,p=1"),
    phc("m=19456,t=2,p=0"),
    phc("m=1048577,t=2,p=1"),
    phc("m=19456,t=65,p=1"),
    phc("m=19456,t=2,p=17"),
    phc("m=-1,t=2,p=1"),
    phc("t=2,m=19456,p=1"),
    phc("m=19456,t=2,p=1").replace("argon2id", "argon2i"),
    phc("m=19456,t=2,p=1").replace("v=19", "v=16"),
    `${phc("m=19456,t=2,p=1")}\n`,
    ` ${phc("m=19456,t=2,p=1")}`,
  ];
  for (const text of wrong) assert.equal(parseVerifier(text), undefined, text);
});

test("no verifier is made of what is no password", async () => {
  for (const text of ["", "tab\there", "\0", "x".repeat(256), "é".repeat(128), "\ud800"])
    await assert.rejects(makeVerifier(text, systemRandom, CHEAP), RangeError, JSON.stringify(text));
});
