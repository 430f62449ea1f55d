/** Which zones a configuration and its combined files make: each name that datasets are for is a zone of its own, with what is for it and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { servedZones, SUBZONES_LIMIT, type ListingZone, type ZoneFile } from "../../../src/operate/listing/index.ts"; // prettier-ignore
import { listingSchema } from "../../../src/operate/listing/settings.ts";
import { parsed } from "../../policy/lists/read-file.ts";

function settings(...zones: readonly string[]): readonly ListingZone[] {
  const same = { kind: "addresses", ns: ["ns1.example.net"], contact: "a@example.net", ttl: 77 };
  return listingSchema.parse({ zone: zones.map((zone) => ({ ...same, zone, files: ["f"] })) }).zone;
}

function file(name: string, lines: readonly string[]): ZoneFile {
  const { snapshot } = parsed("combined", lines);
  assert.ok(snapshot !== undefined);
  return { file: name, snapshot };
}

function served(zones: readonly ListingZone[], files: Readonly<Record<string, ZoneFile>>) {
  return servedZones(zones, ({ zone }) => (files[zone] === undefined ? [] : [files[zone]]));
}

const PROXIES = ["$DATASET ip4set:one proxies @", "192.0.2.1"];
const RELAYS = ["$DATASET ip4set relays multi.hop", "192.0.2.2"];

test("a combined file makes a zone of each of its names, with the settings of the one that has it", () => {
  const { served: zones, refused } = served(settings("bl.example.org"), {
    "bl.example.org": file("f", [...PROXIES, ...RELAYS]),
  });
  const [proxies, relays] = file("f", [...PROXIES, ...RELAYS]).snapshot.datasets;
  const below = "bl.example.org";
  assert.deepEqual(
    zones.map(({ setting, datasets, ...rest }) => [setting.zone, setting.ttl, setting.files, rest.below, datasets]), // prettier-ignore
    [
      [below, 77, ["f"], undefined, [proxies]],
      [`proxies.${below}`, 77, [], below, [proxies]],
      [`relays.${below}`, 77, [], below, [relays]],
      [`multi.hop.${below}`, 77, [], below, [relays]],
    ],
  );
  assert.deepEqual(refused, []);
});

test("a zone of the configuration has also what files of zones around it have for its name", () => {
  const zones = settings("relays.bl.example.org", "bl.example.org");
  const ends = "$TIMESTAMP 2026-01-01 2027-01-01";
  const own = file("own", ["$DATASET ip4set @", "192.0.2.9"]);
  const files = { "relays.bl.example.org": own, "bl.example.org": file("f", [ends, ...RELAYS]) };
  const { served: made } = served(zones, files);
  assert.deepEqual(
    made.map(({ setting, below, datasets, ends: at }) => [setting.zone, below, datasets.length, at]), // prettier-ignore
    [
      ["relays.bl.example.org", undefined, 2, [Date.UTC(2027, 0, 1)]],
      ["bl.example.org", undefined, 0, []],
      ["multi.hop.bl.example.org", "bl.example.org", 1, [Date.UTC(2027, 0, 1)]],
    ],
  );
});

test("what cannot be a name, or is one too many, is refused and said", () => {
  const long = Array.from({ length: 4 }, () => "a".repeat(60)).join(".");
  const names = Array.from({ length: SUBZONES_LIMIT + 1 }, (_, i) => `z${i}`);
  const { served: made, refused } = served(settings("bl.example.org"), {
    "bl.example.org": file("f", [`$DATASET ip4set ${long} ${names.join(" ")}`, "192.0.2.2"]),
  });
  assert.equal(made.length, 1 + SUBZONES_LIMIT);
  const of = { zone: "bl.example.org", file: "f" };
  assert.deepEqual(refused, [
    { ...of, subzone: long, why: "its name is too long" },
    { ...of, subzone: `z${SUBZONES_LIMIT}`, why: `there are ${SUBZONES_LIMIT} subzones already` },
  ]);
});
