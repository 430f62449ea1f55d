/** Domain names: one canonical form, and nothing is repaired into it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { displayDomain, foldAscii, isFullyQualified, parseDomain } from "../../src/mail/index.ts";

const NAMES: readonly (readonly [string, string])[] = [
  ["local.example", "local.example"],
  ["LOCAL.Example", "local.example"],
  ["a", "a"],
  ["1a.2b", "1a.2b"],
  ["a--b.example", "a--b.example"],
  ["r3---sn-5.example", "r3---sn-5.example"],
  ["7-eleven.example", "7-eleven.example"],
  ["127.0.0.1.example", "127.0.0.1.example"],
  ["a.0xg", "a.0xg"],
  // U-label and A-label are one domain (relay catalogue R77), in any case that ASCII has.
  ["bücher.example", "xn--bcher-kva.example"],
  ["bücher.EXAMPLE", "xn--bcher-kva.example"],
  ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["XN--BCHER-KVA.example", "xn--bcher-kva.example"],
  ["bücher.xn--bcher-kva.example", "xn--bcher-kva.xn--bcher-kva.example"],
  // Not transitional: ß and final sigma are letters of their own.
  ["straße.example", "xn--strae-oqa.example"],
  ["βόλος.example", "xn--nxasmm1c.example"],
  ["例え.example", "xn--r8jz45g.example"],
  // A letter of its own, not a spelling of "i": another domain, never ours.
  ["dotless\u0131.example", "xn--dotless-xfb.example"],
  // Cyrillic а: a homograph is another domain (relay catalogue R75).
  ["loc\u0430l.example", "xn--locl-73d.example"],
];

test("a domain's canonical form is its lower-case A-label", () => {
  for (const [text, expected] of NAMES) assert.equal(parseDomain(text), expected, text);
});

/** Relay catalogue R73, R76, R78, R79, R82. */
const NOT_NAMES: Readonly<Record<string, readonly string[]>> = {
  "empty or with empty labels": [
    "",
    ".",
    "local.example.",
    "local.example..",
    ".local.example",
    "local..example",
  ],
  "mapped by UTS-46": [
    "ｌocal.example", // fullwidth
    "local。example", // U+3002
    "local．example", // fullwidth full stop
    "loc\u00adal.example", // soft hyphen
    "\u212Aelvin.example", // Kelvin sign
    "loca\u2113.example", // script l
    "ﬁ.example", // ligature
    "µ.example", // micro sign, mapped to mu
    "loc\u200bal.example", // zero-width space
    "BÜCHER.example", // non-ASCII upper case
    "bu\u0308cher.example", // not NFC
    "①.example",
  ],
  "not allowed by UTS-46": [
    "a\u200db.example",
    "\u202elacol.example",
    "1א.example",
    "\u0300a.example",
    "a\ud800.example",
  ],
  "invalid punycode": [
    "xn--.example",
    "xn--a.example",
    "xn--0.example",
    "xn-------.example",
    "xn--\u00fc.example",
  ],
  "an A-label that is nobody's": [
    "xn--local-.example",
    "xn--a-ecp.example\u212a",
    "xn--fiss-.example",
  ],
  "numbers at the end": [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "local.0x7f",
    "a.1",
    "bücher.1",
    "a.0x",
    "bücher.\u0661",
  ],
  "no letters, digits and hyphens": [
    "a_b.example",
    "a b.example",
    "a\0.example",
    "a@b.example",
    "a,b",
    "a;b",
    "a#b",
    "a:25",
    "a/b",
    "a%2eb",
    "[a]",
    "a\\b",
    "bücher_.example",
    "bücher .example",
    "*.example",
  ],
  "hyphens at the edge": [
    "-a.example",
    "a-.example",
    "a.-",
    "-bücher.example",
    "bücher-.example",
    "-",
  ],
  "too long": [
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(126)}aa`, // 254 octets
    `${"ü".repeat(60)}.example`, // its A-label has more than 63
    `${"ü.".repeat(40)}example`, // its A-label form has more than 253
    "a".repeat(100_000),
    "ü".repeat(100_000),
    "a.".repeat(100_000),
  ],
};

test("what is not exactly a domain name is none, and is never repaired into one", () => {
  for (const [why, texts] of Object.entries(NOT_NAMES))
    for (const text of texts)
      assert.equal(parseDomain(text), undefined, `${why}: ${JSON.stringify(text.slice(0, 80))}`);
});

test("lengths at their limits are taken", () => {
  const label = "a".repeat(63);
  assert.equal(parseDomain(`${label}.example`), `${label}.example`);
  const longest = `${"a.".repeat(126)}a`; // 253 octets
  assert.equal(parseDomain(longest), longest);
});

const odd = fc.constantFrom(
  ..."aAbzZ09-.üÜßıK。ｌ­_@א１é̈一xn--".split(""),
  "xn--",
  "ü.",
  "‍",
  ".com",
);
const nameLike = fc.array(odd, { maxLength: 12 }).map((parts) => parts.join(""));

test("the canonical form is a fixed point, ASCII, and shown as a name that means it", () => {
  fc.assert(
    fc.property(fc.oneof(nameLike, fc.string({ unit: "grapheme", maxLength: 20 })), (text) => {
      const domain = parseDomain(text);
      if (domain === undefined) return;
      assert.match(domain, /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/);
      assert.equal(parseDomain(domain), domain);
      assert.equal(parseDomain(displayDomain(domain)), domain);
    }),
    { numRuns: 500 },
  );
});

test("no Unicode mapping is at work: two texts are one domain only by ASCII case or as A-label and U-label", () => {
  fc.assert(
    fc.property(nameLike, (text) => {
      const domain = parseDomain(text);
      if (domain === undefined) return;
      const shown = displayDomain(domain).split(".");
      const spelt = foldAscii(text).split(".");
      const labels = domain.split(".");
      assert.equal(spelt.length, labels.length);
      for (const [i, label] of spelt.entries())
        assert.ok(label === shown[i] || label === labels[i], text);
    }),
    { numRuns: 500 },
  );
});

test("A-labels are shown as U-labels", () => {
  const domain = parseDomain("xn--bcher-kva.example");
  assert.ok(domain !== undefined);
  assert.equal(displayDomain(domain), "bücher.example");
});

test("a name with a dot can stand in the public DNS", () => {
  const [one, two] = [parseDomain("localhost"), parseDomain("mx.example")];
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(isFullyQualified(one), false);
  assert.equal(isFullyQualified(two), true);
});

test("folding touches A to Z only", () => {
  assert.equal(foldAscii("ABCXYZ\u212AÜİ@[`{"), "abcxyz\u212AÜİ@[`{");
});
