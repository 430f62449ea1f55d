/** Blocks of a body: the same octets, whole lines, in memory of their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BLOCK_OCTETS, WholeLines } from "../../../src/service/authentication/whole-lines.ts";

test("any slices come out as they went in, in blocks that end with a line", () => {
  const line = fc.integer({ min: 0, max: BLOCK_OCTETS - 2 }).map((octets) => octets);
  const sizes = fc.array(fc.integer({ min: 1, max: 2 * BLOCK_OCTETS }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), sizes, (lines, slices) => {
      const body = Buffer.from(
        lines.map((octets, i) => `${"x".repeat(octets)}${i % 2 ? "\r" : "y"}\n`).join(""),
      );
      const blocks: Uint8Array[] = [];
      const whole = new WholeLines((block) => blocks.push(block));
      const wire = new Uint8Array(2 * BLOCK_OCTETS);
      for (let at = 0, i = 0; at < body.length; i++) {
        const slice = body.subarray(at, at + (slices[i % slices.length] ?? 1));
        wire.set(slice);
        assert.ok(whole.write(wire.subarray(0, slice.length)));
        at += slice.length;
      }
      whole.end();
      assert.ok(Buffer.concat(blocks).equals(body));
      for (const block of blocks) assert.equal(block.at(-1), 10);
    }),
    { numRuns: 100 },
  );
});
