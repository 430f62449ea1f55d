/** Each enhanced code has a reason and an advice in plain words; an unknown one falls back to its subject. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { meaningOf } from "../../../src/protocol/dsn/meanings.ts";

/** RFC 3463 and IANA's registry: for each subject its last detail. 5.1, 5.2, 5.4 to 5.6 are the two servers' own affair. */
const LAST_DETAILS = [0, 10, 4, 6, 7, 6, 10, 30];
const GENERAL_ENOUGH = new Set(["5.1", "5.2", "5.4", "5.5", "5.6"]);

test("every registered code has a meaning of its own", () => {
  const seen = new Set<string>();
  for (const [subject, last] of LAST_DETAILS.entries())
    for (let detail = 0; detail <= last; detail++) {
      const meaning = meaningOf(`5.${subject}.${detail}`);
      assert.match(meaning.why, /^[A-Z][\x20-\x7e]+\.$/);
      assert.match(meaning.advice, /^[A-Z][\x20-\x7e]+\.$/);
      const general = detail > 0 && meaning === meaningOf(`5.${subject}.0`);
      assert.equal(general, GENERAL_ENOUGH.has(`${subject}.${detail}`), `${subject}.${detail}`);
      seen.add(meaning.why);
    }
  assert.ok(seen.size > 70);
});

test("a code that nobody registered means what its subject means", () => {
  assert.equal(meaningOf("5.2.99"), meaningOf("5.2.0"));
  assert.equal(meaningOf("4.7.500"), meaningOf("5.7.0"));
  for (const enhanced of ["5.9.1", "5.0.0", "5", "", "x.y.z"])
    assert.equal(meaningOf(enhanced), meaningOf("5.0.0"), enhanced);
});

test("the usual ones say what a person needs to hear", () => {
  for (const [enhanced, why, advice] of [
    ["5.1.1", /no mailbox/, /typing mistake/],
    ["5.2.2", /full/, /when there is room/],
    ["5.3.4", /larger/, /less at once/],
    ["4.4.1", /does not answer/, /later/],
    ["5.4.7", /time .* over/, /later/],
    ["5.7.1", /rules/, /pass on the words/],
    ["5.7.26", /DMARC/, /postmaster/],
    ["5.7.30", /REQUIRETLS/, /unprotected/],
  ] as const) {
    assert.match(meaningOf(enhanced).why, why, enhanced);
    assert.match(meaningOf(enhanced).advice, advice, enhanced);
  }
});
