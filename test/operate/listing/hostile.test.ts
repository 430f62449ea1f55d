/** What anybody can send: packets that are no questions, EDNS and cookies, and attempts to have the whole world listed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Source } from "../../../src/operate/listing/answering/index.ts";
import { makeListing, tryListing } from "../../fuzz/listing/case.ts";
import { answerer, CLIENT, decoded, ip, NOW, octetsTo, query, said, source, zone } from "./asking.ts"; // prettier-ignore
import { OrdinaryZone } from "./ordinary-zone.ts";

const PACKETS = 20_000;

test(`${PACKETS} packets are answered as they may be, or not at all`, () => {
  const seed = Date.now() % 2 ** 31;
  for (let n = 0; n < PACKETS; n++) {
    try {
      tryListing(makeListing(seed + n));
    } catch (error) {
      throw new Error(`case ${seed + n}`, { cause: error });
    }
  }
});

const LISTED = source("ip4set", ["192.0.2.1 :3:words"]);
const to = answerer([zone([LISTED])]);
const ask = query("1.2.0.192.bl.example.org");

function changed(change: (octets: number[]) => void, of: Uint8Array = ask): Uint8Array {
  const octets = [...of];
  change(octets);
  return Uint8Array.from(octets);
}

/** OPT with version and options; the query has none of its own. */
function withOpt(
  version: number,
  options: readonly number[],
  name = "1.2.0.192.bl.example.org",
): Uint8Array {
  const plain = [...query(name, { edns: false })];
  plain[11] = 1;
  return Uint8Array.from([
    ...plain,
    0,
    0,
    41,
    4,
    208,
    0,
    version,
    0x80,
    0,
    0,
    options.length,
    ...options,
  ]);
}

function rcodeOf(octets: Uint8Array): string | undefined {
  const answer = octetsTo(to, octets);
  return answer === undefined ? undefined : decoded(answer).rcode;
}

const BAD: readonly (readonly [string, Uint8Array, string | undefined])[] = [
  ["an answer", changed((octets) => (octets[2] = 0x80)), undefined],
  ["eleven octets", ask.subarray(0, 11), undefined],
  ["a header alone", ask.subarray(0, 12), "FORMERR"],
  ["half a name", ask.subarray(0, 20), "FORMERR"],
  ["two questions", changed((octets) => (octets[5] = 2)), "FORMERR"],
  ["no question", changed((octets) => (octets[5] = 0)), "FORMERR"],
  ["with an answer", changed((octets) => (octets[7] = 1)), "FORMERR"],
  ["octets behind its end", changed((octets) => octets.push(0)), "FORMERR"],
  ["a pointer for a name", changed((octets) => (octets[12] = 0xc0)), "FORMERR"],
  ["two OPT", changed((octets) => { octets[11] = 2; octets.push(...octets.slice(-11)); }), "FORMERR"], // prettier-ignore
  ["an update", changed((octets) => (octets[2] = 0x28)), "NOTIMP"],
  ["a NOTIFY", changed((octets) => (octets[2] = 0x20)), "NOTIMP"],
  ["class CH", changed((octets) => (octets[octets.length - 12] = 3)), "REFUSED"],
  ["type TKEY", changed((octets) => (octets[octets.length - 14] = 249)), "NOTIMP"],
  ["a cookie of 9 octets", withOpt(0, [0, 10, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]), "FORMERR"],
  ["an option past its end", withOpt(0, [0, 3, 0, 9, 1]), "FORMERR"],
];

describe("a packet", () => {
  for (const [what, octets, expected] of BAD)
    test(what, () => assert.equal(rcodeOf(octets), expected));

  test("of another version of EDNS is BADVERS", () => {
    const answer = decoded(octetsTo(to, withOpt(1, [])) ?? new Uint8Array(12));
    const [opt] = answer.additionals ?? [];
    assert.ok(opt?.type === "OPT");
    assert.equal(opt.extendedRcode, 1);
    assert.equal(opt.ednsVersion, 0);
    assert.ok(opt.flag_do, "RFC 3225 §3");
    assert.deepEqual(answer.answers, []);
  });
});

describe("a cookie", () => {
  /** RFC 9018, appendix A: client, secret, cookie, when. */
  const VECTORS = [
    ["198.51.100.100", "e5e973e5a6b2a43f48e7dc849e37bfcf", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 0x5cf79f11], // prettier-ignore
    ["2001:db8:220:1:59de:d0f4:8769:82b8", "445536bcd2513298075a5d379663c962", "22681ab97d52c298010000005cf7c609a6bb79d16625507a", 0x5cf7c609], // prettier-ignore
  ] as const;

  for (const [client, secret, cookie, at] of VECTORS)
    test(`as RFC 9018 has it for ${client}`, () => {
      const some = answerer([zone([LISTED])], { cookieSecret: Buffer.from(secret, "hex") });
      const asked = withOpt(
        0,
        [0, 10, 0, 8, ...Buffer.from(cookie.slice(0, 16), "hex")],
        "bl.example.org",
      );
      const length = some.answer(asked, ip(client), "tcp", at * 1000);
      assert.equal(Buffer.from(some.out.subarray(length - 24, length)).toString("hex"), cookie);
    });

  test("of ours lets more through than twice what was asked; another one does not", () => {
    const LONG = source("ip4set", [`192.0.2.1 :3:${"long ".repeat(40)}`]);
    const some = answerer([zone([LONG])], { cookieSecret: new Uint8Array(16) });
    const asked = (cookie: Uint8Array): Uint8Array =>
      changed((octets) => (octets[octets.length - 11 - 4 - cookie.length - 3] = 16), withOpt(0, [0, 10, 0, cookie.length, ...cookie])); // prettier-ignore
    const isWhole = (cookie: Uint8Array, client = CLIENT, now = NOW): boolean => {
      const answer = octetsTo(some, asked(cookie), { client, now });
      return answer !== undefined && !decoded(answer).flag_tc;
    };
    const mine = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const over = octetsTo(some, asked(mine), { over: "tcp" }) ?? new Uint8Array();
    const ours = over.slice(-24);
    assert.ok(!isWhole(mine), "no cookie of ours yet");
    assert.ok(isWhole(ours));
    assert.ok(!isWhole(ours, ip("192.0.2.54")), "of somebody else");
    assert.ok(isWhole(ours, CLIENT, NOW + 3_600_000));
    assert.ok(!isWhole(ours, CLIENT, NOW + 3_601_000), "too old");
    assert.ok(!isWhole(ours, CLIENT, NOW - 301_000), "of a time to come");
    assert.ok(!isWhole(ours.map((octet, i) => (i === 23 ? octet ^ 1 : octet))), "forged");
    assert.ok(!isWhole(ours.map((octet, i) => (i === 8 ? 2 : octet))), "of another version");
  });
});

describe("the whole world", () => {
  const everywhere = (format: "ip4trie" | "ip6trie" | "dnset", ...lines: string[]): Source => source(format, lines); // prettier-ignore
  const WORLDS: readonly (readonly [string, Source])[] = [
    ["0.0.0.0/0", everywhere("ip4trie", "0.0.0.0/0")],
    ["two halves", everywhere("ip4trie", "0.0.0.0/1 :2:", "128.0.0.0/1 :3:")],
    ["a /1", everywhere("ip4trie", "0.0.0.0/1")],
    ["a /8", everywhere("ip4trie", "1.0.0.0/8")],
    ["a /15", everywhere("ip4trie", "1.2.0.0/15")],
    [
      "every /16, by turns",
      everywhere(
        "ip4trie",
        ...Array.from({ length: 65_536 }, (_, i) => `${i >> 8}.${i & 255}.0.0/16 :${(i % 2) + 2}:`),
      ),
    ],
    ["::/0", everywhere("ip6trie", "::/0")],
    ["2000::/3", everywhere("ip6trie", "2000::/3")],
    ["a /31", everywhere("ip6trie", "2001:db8::/31")],
    ["a wildcard over an octet", everywhere("dnset", "*.1", "*.2", "*.3")],
  ];
  const SOME = [
    "4.3.2.1",
    "9.8.7.1",
    "1.0.0.10",
    "9.0.0.192",
    "9.9.3.2",
    `${"1.".repeat(27)}0.1.0.0.2`,
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2",
  ];

  for (const [what, world] of WORLDS)
    test(`is not served: ${what}`, () => {
      const some = answerer([zone([world], { transferTo: [CLIENT] })]);
      for (const name of SOME) {
        const answer = said(some, `${name}.bl.example.org`);
        assert.ok(/^(NXDOMAIN|SERVFAIL|NOERROR SOA)/.test(answer), `${name}: ${answer}`);
      }
      const messages = some.transfer(query("bl.example.org", { type: "AXFR" }), CLIENT, NOW);
      if (messages === undefined) return assert.match(said(some, "bl.example.org"), /^SERVFAIL/);
      const transferred = new OrdinaryZone("bl.example.org", [...messages]);
      for (const name of SOME) assert.deepEqual(transferred.codes(`${name}.bl.example.org`), []);
      return assert.equal(transferred.wildcards, 0);
    });

  test("what is as wide as may be is served, and transferred as what it is", () => {
    const wide = [...source("ip4trie", ["192.10.0.0/16", "2.4.0.0/16 :4:", "!192.10.7.9"]), ...source("ip6trie", ["2001:db8::/32"])]; // prettier-ignore
    const some = answerer([zone([wide], { transferTo: [CLIENT] })]);
    const messages = some.transfer(query("bl.example.org", { type: "AXFR" }), CLIENT, NOW);
    assert.ok(messages !== undefined);
    const transferred = new OrdinaryZone("bl.example.org", [...messages]);
    const IN_V6 = SOME.at(-1) ?? "";
    const rows = [["5.4.10.192", "127.0.0.2"], ["9.7.10.192"], ["8.7.10.192", "127.0.0.2"], ["3.3.4.2", "127.0.0.4"], ["200.200.4.2", "127.0.0.4"], [IN_V6, "127.0.0.2"], [IN_V6.replace("8.b.d.0.1.0.0.2", "0.0.0.0.0.4.2.0".split(".").toReversed().join("."))], ["1.11.192"]] as const; // prettier-ignore
    for (const [name, ...codes] of rows) {
      assert.equal(said(some, `${name}.bl.example.org`).includes(" A "), codes.length > 0, name);
      assert.deepEqual(transferred.codes(`${name}.bl.example.org`), [...codes], name);
    }
    // 2.4.1.0/24 as *.1.4.2 would be over 2410::/12.
    const OF_2410 = `${"0.".repeat(28)}0.1.4.2`;
    assert.deepEqual(transferred.codes(`${OF_2410}.bl.example.org`), []);
  });
});

test("with short names in it the SOA has room in each answer to EDNS, whatever is asked below the zone", () => {
  const short = { ns: ["ns1.example.org"], contact: "dns.example.org" };
  const some = answerer([zone([LISTED], short)]);
  for (const name of ["9", "192", "0.192", "1.1.1.1", "2.2.0.192"])
    assert.match(said(some, `${name}.bl.example.org`), / SOA$/, name);
});
