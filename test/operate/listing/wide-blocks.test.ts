/** Blocks that are not served are told as they stand, and only those: what is told is never answered, and what is at their edges is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wideBlocksOf } from "../../../src/operate/listing/answering/index.ts";
import type { ListFormat } from "../../../src/policy/lists/index.ts";
import { answerer, said, source, zone } from "./asking.ts";

function wide(format: ListFormat, lines: readonly string[]): readonly string[] {
  return source(format, lines).flatMap((dataset) => [...wideBlocksOf(dataset, "addresses")]);
}

const TABLE: readonly (readonly [ListFormat, readonly string[], readonly string[]])[] = [
  ["ip4set", ["10.0/16", "10.2/16", "192.0.2.1"], []],
  ["ip4set", ["10.1/16", "10.2/16"], []],
  ["ip4set", ["10.0/16", "10.1/16"], ["10.0.0.0/15"]],
  ["ip4set", ["10.0/16 :2:one", "10.1/16 :3:other"], []],
  ["ip4set", ["9.255.255.255-10.4.0.0"], ["10.0.0.0/14"]],
  ["ip4set", ["10.1.0.0-10.7.255.255"], ["10.2.0.0/15", "10.4.0.0/14"]],
  ["ip4set", ["10/14", "!10.2.0.1"], ["10.0.0.0/15"]],
  ["ip4set", ["!10/8"], []],
  ["ip4trie", ["0/1"], ["0.0.0.0/1"]],
  ["ip4set", ["255.254/15"], ["255.254.0.0/15"]],
  ["ip6trie", ["2001:db8::/32", "2001:db9::/33"], []],
  ["ip6trie", ["2001:db8::/32", "2001:db9::/32"], ["2001:db8::/31"]],
  ["ip6trie", ["2001:db9::/32", "2001:dba::/32"], []],
  ["ip6trie", ["2001:db8::/30", "!2001:db8::1"], ["2001:dba::/31"]],
  ["ip6trie", ["ffff:fffe::/31"], ["ffff:fffe::/31"]],
  ["ip6trie", ["2000::/3"], ["2000::/3"]],
  ["dnset", ["*.10", "*.0.10", "10", "*.256", "*.a", "*.7 :2:x", "!*.9"], ["*.10", "*.7"]],
];

for (const [format, lines, told] of TABLE)
  test(`${format}: ${lines.join(" ")}`, () =>
    assert.deepEqual(wide(format, lines).toSorted(), [...told].toSorted()));

test("of a list of names no addresses are told", () => {
  const [dataset] = source("ip4set", ["10/8"]);
  assert.ok(dataset !== undefined);
  assert.deepEqual([...wideBlocksOf(dataset, "names")], []);
});

test("what is told is not answered, its neighbours are", () => {
  const some = answerer([zone([source("ip4set", ["9.255.255.255-10.4.0.0"])])]);
  for (const inside of ["0.0.0.10", "255.255.3.10"])
    assert.match(said(some, `${inside}.bl.example.org`), /^NXDOMAIN/);
  for (const outside of ["255.255.255.9", "0.0.4.10"])
    assert.match(said(some, `${outside}.bl.example.org`), /^NOERROR A 127/);
});
