/** IP addresses: one canonical text for each, whoever writes it how; blocks, networks, reach. */
import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  clientNetwork,
  ipReach,
  isIpv6,
  parseCidr,
  parseIp,
  routedNetwork,
  siteNetwork,
  type Ip,
  type IpReach,
} from "../../src/mail/index.ts";

/** The address that a test has written down itself. */
function ip(text: string): Ip {
  const parsed = parseIp(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const CANONICAL: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["0.0.0.0", "0.0.0.0"],
  ["::1", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8::0001", "2001:db8::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"], // RFC 5952 §4.2.3: the longest run of zeros
  ["fe80::1%eth0", "fe80::1"],
  ["fe80::1%25", "fe80::1"],
  // Mapped addresses are the IPv4 that they are (relay catalogue R17).
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["::FFFF:a00:1", "10.0.0.1"],
  ["0:0:0:0:0:ffff:7f00:1", "127.0.0.1"],
  ["::ffff:127.0.0.1%lo", "127.0.0.1"],
  // Looks like one, is none: RFC 4291 §2.5.5.1 is not §2.5.5.2.
  ["::127.0.0.1", "::7f00:1"],
  ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
];

test("each address has one canonical text", () => {
  for (const [text, expected] of CANONICAL) {
    assert.equal(parseIp(text), expected, text);
    assert.equal(parseIp(expected), expected, "and that is its own");
  }
});

test("what is no address is none", () => {
  const texts = [
    ..."|1.2.3|1.2.3.4.5|127.1|2130706433|0x7f.0.0.1|01.2.3.4|256.1.1.1|1.2.3.4 | 1.2.3.4|-1.2.3.4".split(
      "|",
    ),
    ..."1.2.3.4%eth0|1.2.3.4/32|:|:::|1::2::3|1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|1:2:3:4:5:6:7:8:|12345::".split(
      "|",
    ),
    ..."::g|[::1]|::1%|::1%%|::1%a%b|::1% eth0|::ffff:1.2.3|::ffff:010.0.0.1|::ffff:0x7f.0.0.1|::ffff:256.1.1.1".split(
      "|",
    ),
    ..."::1\n|\0::1|1.2.3.4\n|::1.2.3.4:5|localhost|::ffff:1.2.3.4.5|1.2.3.4::|١.٢.٣.٤".split("|"),
  ];
  for (const text of texts) assert.equal(parseIp(text), undefined, JSON.stringify(text));
});

const addressLike = fc
  .array(fc.constantFrom(..."0 1 9 a f F 127 255 ffff : :: . g % x 0x".split(" ")), {
    maxLength: 18,
  })
  .map((parts) => parts.join(""));

test("an address is exactly what the system takes for one", () => {
  fc.assert(
    fc.property(fc.oneof(addressLike, fc.ipV4(), fc.ipV6()), (text) => {
      fc.pre(!text.includes("%")); // a zone's spelling is the system's own affair
      assert.equal(parseIp(text) !== undefined, isIP(text) !== 0);
    }),
  );
});

test("the canonical text reads as itself, whatever it was made of", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      assert.equal(parseIp(ip(text)), ip(text));
    }),
  );
});

test("a client's network is its /64, or itself for IPv4", () => {
  assert.equal(clientNetwork(ip("192.0.2.1")), "192.0.2.1");
  assert.equal(clientNetwork(ip("::ffff:192.0.2.1")), "192.0.2.1");
  assert.equal(clientNetwork(ip("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
  assert.equal(clientNetwork(ip("2001:db8:1:2::")), "2001:db8:1:2::/64");
  assert.notEqual(clientNetwork(ip("2001:db8:1:3::6")), clientNetwork(ip("2001:db8:1:2::6")));
  assert.equal(clientNetwork(ip("::1")), "0:0:0:0::/64");
});

test("a site's servers are in one /24, or one /64", () => {
  for (const text of ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"])
    assert.equal(siteNetwork(ip(text)), "192.0.2.0/24");
  assert.equal(siteNetwork(ip("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
});

test("a network that is routed on its own is a /24, or a /48", () => {
  assert.equal(routedNetwork(ip("192.0.2.255")), "192.0.2.0/24");
  assert.equal(routedNetwork(ip("2001:db8:1:2:3:4:5:6")), "2001:db8:1::/48");
  assert.equal(routedNetwork(ip("::1")), "0:0:0::/48");
});

const REACH: readonly (readonly [IpReach, string])[] = [
  ["loopback", "127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1"],
  ["private", "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.0.1 100.64.0.1 0.0.0.0"],
  ["private", "fe80::1%eth0 fd00::1 fec0::1 :: ff02::1 224.0.0.1 255.255.255.255"],
  ["public", "1.2.3.4 172.32.0.1 192.169.0.1 128.0.0.1 2a00::1 ::127.0.0.1"],
];

test("reach: loopback and private ranges of both families, mapped ones included", () => {
  for (const [reach, texts] of REACH)
    for (const text of texts.split(" ")) assert.equal(ipReach(ip(text)), reach, text);
});

test("the family shows", () => {
  assert.equal(isIpv6(ip("::1")), true);
  assert.equal(isIpv6(ip("::ffff:1.2.3.4")), false);
});

const BLOCKS: readonly {
  text: string;
  as: string;
  holds: readonly string[];
  holdsNot: readonly string[];
}[] = [
  {
    text: "10.0.0.0/8",
    as: "10.0.0.0/8",
    holds: ["10.255.0.1", "::ffff:10.0.0.1"],
    holdsNot: ["11.0.0.0", "::a00:1"],
  },
  { text: "10.1.2.3", as: "10.1.2.3/32", holds: ["10.1.2.3"], holdsNot: ["10.1.2.4"] },
  { text: "10.1.2.3/24", as: "10.1.2.3/24", holds: ["10.1.2.99"], holdsNot: ["10.1.3.3"] },
  { text: "0.0.0.0/0", as: "0.0.0.0/0", holds: ["1.2.3.4"], holdsNot: ["::1"] },
  {
    text: "2001:db8::/32",
    as: "2001:db8::/32",
    holds: ["2001:db8:ffff::1"],
    holdsNot: ["2001:db9::", "10.0.0.1"],
  },
  { text: "::1", as: "::1/128", holds: ["::1"], holdsNot: ["::2", "127.0.0.1"] },
  { text: "::/0", as: "::/0", holds: ["2001:db8::1"], holdsNot: ["1.2.3.4"] },
  // Mapped blocks are IPv4 blocks: every address is asked in its IPv4 form.
  { text: "::ffff:10.0.0.0/104", as: "10.0.0.0/8", holds: ["10.9.9.9"], holdsNot: ["11.0.0.1"] },
  { text: "::ffff:0:0/96", as: "0.0.0.0/0", holds: ["1.2.3.4"], holdsNot: ["::1"] },
  { text: "::ffff:10.0.0.1", as: "10.0.0.1/32", holds: ["10.0.0.1"], holdsNot: ["10.0.0.2"] },
];

test("a block holds the addresses of its own family that begin like it", () => {
  for (const { text, as, holds, holdsNot } of BLOCKS) {
    const block = parseCidr(text);
    assert.ok(block !== undefined, text);
    assert.equal(block.text, as);
    assert.equal(block.prefix, Number(as.split("/")[1]));
    assert.equal(block.family, as.includes(":") ? 6 : 4);
    for (const inside of holds) assert.equal(block.contains(ip(inside)), true, `${text} ${inside}`);
    for (const outside of holdsNot)
      assert.equal(block.contains(ip(outside)), false, `${text} ${outside}`);
  }
});

test("what is no block is none", () => {
  const texts =
    "10/8 010.0.0.0/8 0x7f.1/8 2130706433/8 10.0.0.0/33 10.0.0.0/-1 10.0.0.0/ 10.0.0.0/08 10.0.0.0/8/8 /8 ::/129 " +
    "::ffff:10.0.0.0/95 localhost/8 10.0.0.0/1e1 10.0.0.0/+8 10.0.0.0/8.0";
  for (const text of [...texts.split(" "), "", " 10.0.0.0/8", "10.0.0.0 /8", "10.0.0.0/8 "])
    assert.equal(parseCidr(text), undefined, JSON.stringify(text));
});
