/** What is passed over before a value: blanks, folds, comments that nest. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { skipComments } from "../../src/mail/index.ts";

test("blanks, folds and comments are passed over", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["value", "value"],
    [" \r\n\t value", "value"],
    ["(a)value", "value"],
    ["(a (b) c) (d)\r\n value", "value"],
    ["(\\) \\( ) value", "value"],
    ["value (a)", "value (a)"],
    [")value", ")value"],
    ["\\(a) value", "\\(a) value"],
    ["(never ends value", ""],
    ["", ""],
  ];
  for (const [text, rest] of cases) assert.equal(text.slice(skipComments(text, 0)), rest, text);
  assert.equal(skipComments("a (b) c", 1), 6);
});
