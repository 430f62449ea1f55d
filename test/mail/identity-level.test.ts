/** The ladder has an order, and each level is at least itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDENTITY_LEVELS, isAtLeast } from "../../src/mail/index.ts";

test("a level is at least those below it and itself, and none above", () => {
  for (const [i, level] of IDENTITY_LEVELS.entries())
    for (const [j, wanted] of IDENTITY_LEVELS.entries())
      assert.equal(isAtLeast(level, wanted), i >= j, `${level} for ${wanted}`);
});
