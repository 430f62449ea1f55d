/** The one form of a date in mail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dateTime } from "../../src/mail/index.ts";

test("dates are RFC 5322's, in UTC", () => {
  assert.equal(dateTime(0), "Thu, 01 Jan 1970 00:00:00 +0000");
  assert.equal(dateTime(Date.UTC(2024, 1, 29, 23, 59, 59, 999)), "Thu, 29 Feb 2024 23:59:59 +0000");
});
