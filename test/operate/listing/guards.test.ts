/** What is never listed. Each guard has somebody that it alone keeps off, and somebody beside him who may be listed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { guardProblem, guardRules, type ZoneKind } from "../../../src/operate/listing/index.ts";
import { settings, subject } from "./site.ts";

const OWN = [
  { subject: subject("9.9.9.9"), whose: "an address of this server" },
  { subject: subject("example.net", "names"), whose: "a domain of this site" },
  { subject: subject("*.example.net", "names"), whose: "a domain of this site" },
];

const RULES = guardRules(
  settings({ protected: ["8.8.8.0/24", "2a01::/32", "good.example.com"] }),
  OWN,
);

const KEPT_OFF: readonly (readonly [string, ZoneKind, RegExp])[] = [
  ["5.6.6.0/23", "addresses", /^a \/23 is wider than listing\.widest_v4 allows, which is a \/24$/],
  ["2a00::/47", "addresses", /widest_v6 allows, which is a \/48/],
  ["8.8.8.8", "addresses", /8\.8\.8\.0\/24 is protected: listing\.protected has 8\.8\.8\.0\/24/],
  ["2a01:0:0:1::/64", "addresses", /2a01::\/32 is protected/],
  ["9.9.9.9", "addresses", /^it is protected: an address of this server$/],
  ["9.9.9.0/24", "addresses", /^9\.9\.9\.9 is protected/],
  ["good.example.com", "names", /^it is protected: listing\.protected has good\.example\.com$/],
  ["mail.good.example.com", "names", /protected/],
  ["*.example.com", "names", /protected/],
  ["mx.example.net", "names", /a domain of this site/],
  ["com", "names", /public suffix/],
  ["*.com", "names", /public suffix/],
  ["co.uk", "names", /public suffix/],
  ["*.github.io", "names", /public suffix/],
];

for (const [text, kind, expected] of KEPT_OFF)
  test(`${text} is never listed`, () => {
    assert.match(guardProblem(subject(text, kind), RULES) ?? "listed", expected);
  });

const SPECIAL = [
  "0.1.2.3",
  "10.1.1.1",
  "100.64.0.1",
  "127.0.0.2",
  "169.254.1.1",
  "172.16.0.0/24",
  "192.0.0.8",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.7",
  "203.0.113.0/24",
  "224.0.0.1",
  "255.255.255.255",
  "::1",
  "64:ff9b::102:304",
  "fc00::1",
  "fe80::1",
  "ff02::1",
  "2001::1",
  "2001:db8::1",
  "2002:102:304::1",
  "3fff::1",
];

for (const text of SPECIAL)
  test(`${text} is in a special range`, () => {
    assert.match(guardProblem(subject(text), RULES) ?? "listed", /a range that is never listed/);
    assert.equal(guardProblem(subject(text), { ...RULES, specialRanges: true }), undefined);
  });

const MAY_BE: readonly (readonly [string, ZoneKind])[] = [
  ["5.6.7.0/24", "addresses"],
  ["8.8.9.8", "addresses"],
  ["9.9.9.8", "addresses"],
  ["11.0.0.1", "addresses"],
  ["100.63.255.255", "addresses"],
  ["172.15.255.255", "addresses"],
  ["172.32.0.0", "addresses"],
  ["198.51.101.0", "addresses"],
  ["223.255.255.255", "addresses"],
  ["2a00::/48", "addresses"],
  ["2001:200::1", "addresses"],
  ["example.com", "names"],
  ["bad.co.uk", "names"],
  ["me.github.io", "names"],
  ["example.nett.org", "names"],
];

for (const [text, kind] of MAY_BE)
  test(`${text} may be listed`, () => {
    assert.equal(guardProblem(subject(text, kind), RULES), undefined);
  });

test("no setting lets a block be listed that is wider than a /16 or a /32", () => {
  for (const wide of [{ widest_v4: 15 }, { widest_v6: 31 }])
    assert.throws(() => settings(wide), /Too small/);
  const widest = guardRules(settings({ widest_v4: 16, widest_v6: 32, special_ranges: true }), []);
  for (const text of ["0.0.0.0/0", "5.0.0.0/8", "::/0", "2a00::/16"])
    assert.match(guardProblem(subject(text), widest) ?? "listed", /wider/);
});
