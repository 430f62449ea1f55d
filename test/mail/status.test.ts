/** A status cannot contradict itself, and holds nothing that could end a reply line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  formatStatus,
  isPositive,
  isTransient,
  printable,
  status,
  STATUS_TEXT_LIMIT,
} from "../../src/mail/index.ts";

test("codes, words, source and reason are kept as given", () => {
  const plain = status(550, "5.7.1", "relaying denied", "policy/relay");
  assert.deepEqual(plain, {
    code: 550,
    enhanced: "5.7.1",
    text: "relaying denied",
    source: "policy/relay",
  });
  assert.equal(status(451, "4.3.0", "later", "store", "disk full").reason, "disk full");
  assert.equal(formatStatus(plain), "550 5.7.1 relaying denied");
});

test("a status that contradicts itself is a bug, and throws", () => {
  const wrong: readonly (readonly [number, string, string])[] = [
    [199, "2.0.0", "x"],
    [600, "5.0.0", "x"],
    [250.5, "2.0.0", "x"],
    [Number.NaN, "2.0.0", "x"],
    [550, "4.7.1", "x"],
    [450, "5.7.1", "x"],
    [354, "3.0.0", "x"], // RFC 3463 §2: classes are 2, 4 and 5
    [550, "5.7", "x"],
    [550, "5.7.1.1", "x"],
    [550, "5.7.1000", "x"],
    [550, "5.7.1 ", "x"],
    [550, "", "x"],
    [550, "5.7.1", ""],
  ];
  for (const [code, enhanced, text] of wrong)
    assert.throws(
      () => status(code, enhanced, text, "test"),
      RangeError,
      `${code} ${enhanced} ${text}`,
    );
});

const anyText = fc
  .array(fc.nat(0xffff), { minLength: 1, maxLength: 600 })
  .map((units) => String.fromCharCode(...units));

test("a stranger's octets in the words cannot leave the line or make it too long", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { text: said } = status(550, "5.0.0", text, "test");
      assert.match(said, /^[\x20-\x7e]+$/);
      assert.ok(said.length <= STATUS_TEXT_LIMIT);
    }),
  );
  assert.equal(status(550, "5.0.0", "x".repeat(1000), "test").text.length, STATUS_TEXT_LIMIT);
  assert.equal(printable("a\r\nb\0c\u007fü"), "a??b?c??");
});

test("the class of a code", () => {
  for (const [code, enhanced, positive, transient] of [
    [250, "2.0.0", true, false],
    [400, "4.0.0", false, true],
    [499, "4.0.0", false, true],
    [500, "5.0.0", false, false],
  ] as const) {
    const one = status(code, enhanced, "x", "test");
    assert.deepEqual([isPositive(one), isTransient(one)], [positive, transient]);
  }
});
