/** Names of the DNS: which texts and which labels are one, and the names under which addresses are asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseDomain, parseIp, type Ip } from "../../../src/mail/index.ts";
import {
  addressUnder,
  isWithin,
  labelsOf,
  nameOfDomain,
  nameOfLabels,
  parseName,
  reverseName,
  ROOT,
  spell,
  type DnsName,
} from "../../../src/protocol/dns/index.ts";

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

function ip(text: string): Ip {
  const parsed = parseIp(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");

test("a name is read in one form", () => {
  const long = "a".repeat(63);
  const cases: readonly (readonly [string, string])[] = [
    ["Example.ORG", "example.org"],
    ["example.org.", "example.org"],
    ["_25._TCP.mx.example.org", "_25._tcp.mx.example.org"],
    [".", "."],
    ["org", "org"],
    ["a/b@c!d~.example", "a/b@c!d~.example"],
    [`${long}.example`, `${long}.example`],
    [`${long}.${long}.${long}.${"b".repeat(61)}`, `${long}.${long}.${long}.${"b".repeat(61)}`],
  ];
  for (const [text, is] of cases) assert.equal(parseName(text), is, text);
});

test("what is no name", () => {
  const long = "a".repeat(63);
  const texts = [
    "",
    "..",
    ".example.org",
    "example..org",
    "example.org..",
    "exa mple.org",
    "example\\.org",
    "example\0.org",
    "example\x1f.org",
    "example\x7f.org",
    "example\n.org",
    "ex\u00e4mple.org",
    "e\u212aample.org",
    `${long}a.example`,
    `${long}.${long}.${long}.${"b".repeat(62)}`,
    "a.".repeat(200),
  ];
  for (const text of texts) assert.equal(parseName(text), undefined, JSON.stringify(text));
});

test("labels are a name only when no octet of theirs could be read as something else", () => {
  assert.equal(nameOfLabels([octets("MX"), octets("example")]), "mx.example");
  assert.equal(spell([octets("MX"), octets("example")]), "MX.example");
  assert.equal(nameOfLabels([]), ROOT);
  for (const bad of [".", "a.b", "\\", " ", "\0", "\n", "\x7f", "\x80", "\xff", ""])
    assert.equal(
      nameOfLabels([octets(`x${bad}`.slice(bad === "" ? 1 : 0)), octets("example")]),
      undefined,
      JSON.stringify(bad),
    );
});

test("labels and text are the same name, and no two lists of labels are one text", () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 12 });
  const list = fc.array(label, { maxLength: 6 });
  fc.assert(
    fc.property(list, (labels) => {
      const made = nameOfLabels(labels);
      const text = labels.map((l) => Buffer.from(l).toString("latin1"));
      const plain = text.every((l) => /^[!-~]+$/.test(l) && !/[.\\]/.test(l));
      assert.equal(made !== undefined, plain);
      if (made === undefined) return;
      assert.deepEqual(
        labelsOf(made),
        text.map((l) => l.toLowerCase()),
      );
      assert.equal(parseName(made), made);
    }),
  );
});

test("addresses are asked for from their end", () => {
  assert.equal(reverseName(ip("192.0.2.7")), "7.2.0.192.in-addr.arpa");
  assert.equal(reverseName(ip("::ffff:192.0.2.7")), "7.2.0.192.in-addr.arpa");
  const nibbles = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
  assert.equal(reverseName(ip("2001:db8::1")), `${nibbles}.ip6.arpa`);
  assert.equal(reverseName(ip("::")), `${"0.".repeat(32)}ip6.arpa`);
  assert.equal(
    reverseName(ip("1:2:3:4:5:6:7:8")),
    "8.0.0.0.7.0.0.0.6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.ip6.arpa",
  );
  assert.equal(addressUnder(ip("127.0.0.2"), name("bl.example")), "2.0.0.127.bl.example");
  assert.equal(addressUnder(ip("127.0.0.2"), ROOT), "2.0.0.127");
});

test("a zone whose name is too long for addresses below it", () => {
  const room = 253 - "2.0.0.127.".length;
  const zone = (length: number): DnsName =>
    name("a.".repeat(length).slice(0, length).replace(/\.$/, "b"));
  assert.equal(addressUnder(ip("127.0.0.2"), zone(room))?.length, 253);
  assert.equal(addressUnder(ip("127.0.0.2"), zone(room + 1)), undefined);
});

test("every domain of mail is a name", () => {
  for (const text of ["example.org", "xn--bcher-kva.example", `${"a.".repeat(126)}a`]) {
    const domain = parseDomain(text);
    assert.ok(domain !== undefined);
    assert.equal(nameOfDomain(domain), parseName(text));
  }
});

test("a name is within its zone by labels, not by letters", () => {
  assert.ok(isWithin(name("a.example.org"), name("example.org")));
  assert.ok(isWithin(name("example.org"), name("example.org")));
  assert.ok(isWithin(name("org"), ROOT));
  assert.ok(!isWithin(name("badexample.org"), name("example.org")));
  assert.ok(!isWithin(name("org"), name("example.org")));
});
