/** What of a published list's files is not served is told, once for each file as it is read, and not more of it than a line can hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unservedOf, UnservedTold, unservedText } from "../../src/app/unserved.ts";
import type { ListingZone, ZoneFile } from "../../src/operate/listing/index.ts";
import { listingSchema } from "../../src/operate/listing/settings.ts";
import type { Fields } from "../../src/runtime/index.ts";
import { parsed } from "../policy/lists/read-file.ts";

const ZONE = "bl.example.org";
const WIDE = "all of one answer and wider than a /16 of IPv4 or a /32 of IPv6";

const zones: readonly ListingZone[] = listingSchema.parse({
  zone: [{ zone: ZONE, kind: "addresses", ns: ["ns1.example.net"], contact: "a@example.net" }],
}).zone;

function file(name: string, lines: readonly string[]): ZoneFile {
  const { snapshot } = parsed("combined", lines);
  assert.ok(snapshot !== undefined);
  return { file: name, snapshot };
}

const good = file("good", ["$DATASET ip4set @", "192.0.2.1"]);
const wide = file("wide", ["$DATASET ip4set @ a", "10/8", "20.2/15", "$DATASET ip6trie b", "2001:db8::/30"]); // prettier-ignore

test("blocks are told with their file, so many of them, and names that are not served", () => {
  const many = Array.from({ length: 12 }, (_, i) => `${20 + i * 2}/8`);
  const long = "a".repeat(60);
  const more = file("more", [`$DATASET ip4set @ ${[long, long, long, long].join(".")}`, ...many]);
  const told = unservedOf(zones, () => [good, wide, more]);
  assert.deepEqual(
    told.map((one) => [one.file, one.what.length, one.more]),
    [
      ["wide", 3, 0],
      ["more", 10, 2],
      ["more", 1, 0],
    ],
  );
  assert.deepEqual(told[0], { zone: ZONE, file: "wide", why: WIDE, what: ["10.0.0.0/8", "20.2.0.0/15", "2001:db8::/30"], more: 0 }); // prettier-ignore
  assert.match(unservedText(told[1] ?? assert.fail()), /^20\.0\.0\.0\/8, .*, 38\.0\.0\.0\/8 and 2 more: all of one answer/); // prettier-ignore
});

test("the log is told once of each file, and again when it was read anew", () => {
  const told: unknown[] = [];
  const log = { warn: (_: string, fields?: Fields) => void told.push(fields?.["file"]) };
  const unserved = new UnservedTold(log);
  for (let i = 0; i < 2; i++) unserved.tell(zones, () => [good, wide]);
  assert.deepEqual(told, ["wide"]);
  unserved.tell(zones, () => [wide, { ...wide, snapshot: { ...wide.snapshot } }]);
  assert.deepEqual(told, ["wide", "wide"]);
});
