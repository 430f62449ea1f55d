/** A million packets to a published list's answerer, with a fresh seed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeListing, tryListing } from "../../fuzz/listing/case.ts";

const PACKETS = 1_000_000;

const seed = Date.now() % 2 ** 31;

test(`${PACKETS} packets are answered as they may be, or not at all (seed ${seed})`, () => {
  for (let n = 0; n < PACKETS; n++) {
    try {
      tryListing(makeListing(seed + n));
    } catch (error) {
      assert.fail(`case ${seed + n}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
});
