/** What is wrong with the settings of published lists is said: which key, and what was expected. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { listingSchema } from "../../../src/operate/listing/settings.ts";
import { settings, ZONE_SETTINGS, zoneOf } from "./site.ts";

function faults(value: object): readonly string[] {
  const { error } = listingSchema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const OF_A_ZONE: readonly (readonly [object, RegExp])[] = [
  [{ zone: "relays" }, /^zone\.0\.zone: "relays" is no name of a zone; expected one such as/],
  [{ kind: "hosts" }, /^zone\.0\.kind: /],
  [{ ns: [] }, /^zone\.0\.ns: /],
  [{ ns: ["ns1"] }, /^zone\.0\.ns\.0: "ns1" is no name of a host/],
  [{ ns: ["ns1.example.org", "ns.relays.bl.example.org"] }, /^zone\.0\.ns\.1: .* is within the zone/],
  [{ contact: "hostmaster" }, /^zone\.0\.contact: "hostmaster" is no address for a zone/],
  [{ contact: "host.master@example.org" }, /^zone\.0\.contact: .*without a dot before the @/],
  [{ code: "127.0.0.1" }, /^zone\.0\.code: "127\.0\.0\.1" is no code of a list/],
  [{ code: "192.0.2.1" }, /^zone\.0\.code: /],
  [{ code: "127.255.255.1" }, /^zone\.0\.code: .*by which lists say that they do not answer/],
  [{ text: "a\nb" }, /^zone\.0\.text: expected a text of at most 250 octets on one line/],
  [{ secondaries: ["ns2.example.org"] }, /^zone\.0\.secondaries\.0: "ns2\.example\.org": expected an address, a block, or an address with/],
  ...["0.0.0.0/0", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2.0/24:53", "2001:db8::53:x", "[192.0.2.53", ""].map((secondary) => [{ secondaries: [secondary] }, /^zone\.0\.secondaries\.0: /] as const),
  [{ ttl: 0 }, /^zone\.0\.ttl: /],
  [{ negative_ttl: 0 }, /^zone\.0\.negative_ttl: /],
  [{ refresh: 1 }, /^zone\.0\.refresh: /],
  [{ retry: 1 }, /^zone\.0\.retry: /],
  [{ expire: 1 }, /^zone\.0\.expire: /],
  [{ ttl_seconds: 5 }, /^zone\.0: Unrecognized key/],
]; // prettier-ignore

for (const [more, expected] of OF_A_ZONE)
  test(`a zone with ${JSON.stringify(more)} is a fault`, () => {
    const found = faults({ zone: [{ ...ZONE_SETTINGS, ...more }] });
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", expected);
  });

const OF_THE_TABLE: readonly (readonly [object, RegExp])[] = [
  [{ zone: [ZONE_SETTINGS, { ...ZONE_SETTINGS, zone: "Relays.BL.example.org." }] }, /^zone\.1\.zone: relays\.bl\.example\.org is there twice/],
  [{ protected: ["not a name"] }, /^protected\.0: "not a name": expected an address, a block or a name/],
  [{ protected: ["192.0.2.1/24"] }, /^protected\.0: "192\.0\.2\.1\/24": expected/],
  [{ widest_v4: 15 }, /^widest_v4: /],
  [{ widest_v6: 31 }, /^widest_v6: /],
  [{ note_days: 366 }, /^note_days: /],
  [{ test_days: 0 }, /^test_days: /],
  [{ burst: 0 }, /^burst: /],
  [{ growth_percent: 0 }, /^growth_percent: /],
  [{ log_days: 29 }, /^log_days: /],
]; // prettier-ignore

for (const [value, expected] of OF_THE_TABLE)
  test(`${JSON.stringify(value)} is a fault`, () => {
    const found = faults(value);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", expected);
  });

test("what is left out has its default; names are canonical", () => {
  const zone = zoneOf("addresses", { ns: ["NS1.Example.org."], contact: "Host@Example.ORG", secondaries: ["192.0.2.53"] }); // prettier-ignore
  const { files, text, ...said } = zone;
  assert.deepEqual([files, text], [[], undefined]);
  assert.deepEqual(said, {
    zone: "relays.bl.example.org",
    kind: "addresses",
    ns: ["ns1.example.org"],
    contact: "host.example.org",
    ttl: 2100,
    negative_ttl: 300,
    refresh: 3600,
    retry: 600,
    expire: 604_800,
    code: "127.0.0.2",
    secondaries: [{ network: "192.0.2.53/32", notify: { host: "192.0.2.53", port: 53 } }],
  });
});

test("a secondary is an address, with its port or without, or a network, which is not told", () => {
  const said = ["192.0.2.53:5353", "192.0.2.53/32", "192.0.2.0/24", "2001:DB8::53", "[2001:db8::53]:5353"]; // prettier-ignore
  assert.deepEqual(zoneOf("addresses", { secondaries: said }).secondaries, [
    { network: "192.0.2.53/32", notify: { host: "192.0.2.53", port: 5353 } },
    { network: "192.0.2.53/32", notify: { host: "192.0.2.53", port: 53 } },
    { network: "192.0.2.0/24", notify: undefined },
    { network: "2001:db8::53/128", notify: { host: "2001:db8::53", port: 53 } },
    { network: "2001:db8::53/128", notify: { host: "2001:db8::53", port: 5353 } },
  ]);
});

test("of a protected name all below it is protected too, however it is written", () => {
  for (const text of ["example.com", "*.example.com", ".example.com"])
    assert.deepEqual(settings({ protected: [text] }).protected[0]?.names.map((one) => one.text), ["example.com", "*.example.com"]); // prettier-ignore
});
