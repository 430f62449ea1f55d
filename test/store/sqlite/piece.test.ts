/** Content is collected in exact arrays of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exactCopy, Piece, PIECE_OCTETS } from "../../../src/store/sqlite/piece.ts";

test("a piece is as large as what was put in, and holds none of the slab it came from", () => {
  const slab = Buffer.from("0123456789".repeat(1000));
  const piece = new Piece();
  piece.take(slab.subarray(3, 6));
  const one = piece.release();
  assert.equal(Buffer.from(one).toString(), "345");
  for (const from of [0, 5, 9]) piece.take(slab.subarray(from, from + 7));
  const three = piece.release();
  assert.equal(Buffer.from(three).toString(), "012345656789019012345");
  assert.equal(three.byteLength, 21);
});

test("a piece takes what fits and gives the rest back", () => {
  const piece = new Piece();
  const slice = new Uint8Array(PIECE_OCTETS - 1);
  assert.equal(piece.take(slice).length, 0);
  assert.deepEqual(piece.take(Uint8Array.of(1, 2, 3)), Uint8Array.of(2, 3));
  assert.deepEqual(piece.take(Uint8Array.of(9)), Uint8Array.of(9));
  const full = new Uint8Array(piece.release());
  assert.equal(full.length, PIECE_OCTETS);
  assert.equal(full.at(-1), 1);
});

test("a released piece begins again empty", () => {
  const piece = new Piece();
  assert.equal(piece.release().byteLength, 0);
  piece.take(Uint8Array.of(1));
  piece.release();
  assert.equal(piece.release().byteLength, 0);
});

test("a copy is exact, also of a view in a pool", () => {
  const pooled = Buffer.from("pooled");
  assert.equal(exactCopy(pooled).byteLength, 6);
  assert.notEqual(exactCopy(pooled), pooled.buffer);
});
