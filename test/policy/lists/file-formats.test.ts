/** What each format of local lists says, and what it says of lines that are no good. That rbldnsd reads its own in the same way is shown in test/interop. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ListFormat } from "../../../src/policy/lists/index.ts";
import { faults, parsed, said } from "./read-file.ts";

type Said = readonly [who: string, answer: string];

interface Case {
  readonly title: string;
  readonly format: ListFormat;
  readonly lines: readonly string[];
  readonly says: readonly Said[];
}

const CASES: readonly Case[] = [
  {
    title: "CIDR text: addresses, blocks, ranges, both families, remarks",
    format: "cidr",
    lines: [
      "\uFEFF; a remark",
      "192.0.2.0/24 ; SBL1",
      "192.0.2.7 # SBL2\r",
      "198.51.100.9 - 198.51.100.20",
      "2001:db8::/32",
      "2001:db8:1::/48 ; SBL3",
      "2001:db9::5-2001:db9::9",
      "  203.0.113.1  ",
    ],
    says: [
      ["192.0.2.1", "127.0.0.2 SBL1"],
      ["192.0.2.7", "127.0.0.2 SBL2"],
      ["192.0.3.0", "clear"],
      ["198.51.100.8", "clear"],
      ["198.51.100.9", "127.0.0.2"],
      ["198.51.100.20", "127.0.0.2"],
      ["198.51.100.21", "clear"],
      ["2001:db8:2::1", "127.0.0.2"],
      ["2001:db8:1::1", "127.0.0.2 SBL3"],
      ["2001:db9::4", "clear"],
      ["2001:db9::9", "127.0.0.2"],
      ["203.0.113.1", "127.0.0.2"],
    ],
  },
  {
    title: "DROP",
    format: "drop",
    lines: [
      '{"cidr":"192.0.2.0/24","sblid":"SBL7","rir":"ripencc"}',
      '{"cidr":"2001:db8::/32","sblid":"SBL8","rir":"arin"}',
      '{"type":"metadata","timestamp":1790000000,"size":99,"records":2,"copyright":"c"}',
    ],
    says: [
      ["192.0.2.255", "127.0.0.2 SBL7"],
      ["2001:db8:ffff::", "127.0.0.2 SBL8"],
      ["2001:db9::", "clear"],
    ],
  },
  {
    title: "ip4set: the smallest unit counts, of equal ones all; an exclusion lists nobody",
    format: "ip4set",
    lines: [
      ":127.0.0.3:Open relay, see https://list.example/?$",
      "10/8",
      "10.1.2",
      "10.1.2.3 :9:",
      "10.1.2.3 :10",
      "!10.1.3",
      "10.1.4.4",
      "!10.1.4.4",
      "172.16-31 :4:range $$5",
      "192.0.2.8-9 text alone",
    ],
    says: [
      ["10.9.9.9", "127.0.0.3 Open relay, see https://list.example/?10.9.9.9"],
      ["10.1.2.3", "127.0.0.9 127.0.0.10 Open relay, see https://list.example/?10.1.2.3"],
      ["10.1.3.3", "clear"],
      ["10.1.4.4", "clear"],
      ["172.31.255.255", "127.0.0.4 range $5"],
      ["172.32.0.0", "clear"],
      ["192.0.2.9", "127.0.0.3 text alone"],
      ["192.0.2.10", "clear"],
    ],
  },
  {
    title: "ip4trie: the longest match counts",
    format: "ip4trie",
    lines: ["10.0.0.0/8 :2:wide", "10.1.0.0/16 :3:narrow", "!10.1.2.0/23", "10.1.2.128/25 :4:"],
    says: [
      ["10.2.0.0", "127.0.0.2 wide"],
      ["10.1.0.0", "127.0.0.3 narrow"],
      ["10.1.3.255", "clear"],
      ["10.1.2.127", "clear"],
      ["10.1.2.128", "127.0.0.4"],
    ],
  },
  {
    title: "ip4tset: one value for all",
    format: "ip4tset",
    lines: ["192.0.2.1", ":5:is $", "192.0.2.2"],
    says: [
      ["192.0.2.1", "127.0.0.5 is 192.0.2.1"],
      ["192.0.2.2", "127.0.0.5 is 192.0.2.2"],
      ["192.0.2.3", "clear"],
    ],
  },
  {
    title: "ip6trie",
    format: "ip6trie",
    lines: ["2001:db8 :2:wide", "2001:db8:1::/48 :3:$", "!2001:db8:1::bad", "::/0 :9:"],
    says: [
      ["2001:db8:2::", "127.0.0.2 wide"],
      ["2001:db8:1::1", "127.0.0.3 2001:db8:1::1"],
      ["2001:db8:1::bad", "clear"],
      ["ffff::", "127.0.0.9"],
    ],
  },
  {
    title: "ip6tset: /64s and single exclusions",
    format: "ip6tset",
    lines: [":4:", "2001:db8:0:1", "!2001:db8:0:1::5"],
    says: [
      ["2001:db8:0:1::4", "127.0.0.4"],
      ["2001:db8:0:1::5", "clear"],
      ["2001:db8:0:2::", "clear"],
    ],
  },
  {
    title: "dnset: the name, what is below, both; international names in either form",
    format: "dnset",
    lines: [
      "only.example :2:$",
      "*.below.example :3:$",
      ".both.example :4:",
      "!good.both.example",
      "bücher.example :5:",
      "*.XN--MNCHEN-3YA.example :6:",
    ],
    says: [
      ["only.example", "127.0.0.2 only.example"],
      ["a.only.example", "clear"],
      ["below.example", "clear"],
      ["a.b.below.example", "127.0.0.3 below.example"],
      ["both.example", "127.0.0.4"],
      ["a.both.example", "127.0.0.4"],
      ["good.both.example", "clear"],
      ["xn--bcher-kva.example", "127.0.0.5"],
      ["a.xn--mnchen-3ya.example", "127.0.0.6"],
    ],
  },
  {
    title: "generic: records; a text alone lists nobody, and a dollar sign is one",
    format: "generic",
    lines: ["a.example 3600 A 127.0.0.7", 'a.example TXT "costs $5"', "b.example IN A 127.0.0.8"],
    says: [
      ["a.example", "127.0.0.7 costs $5"],
      ["b.example", "127.0.0.8"],
      ["c.a.example", "clear"],
    ],
  },
  {
    title:
      "directives: understood where they say something of the data, passed over where they are for a server",
    format: "ip4set",
    lines: [
      "$SOA 1w ns.list.example admin.list.example 0 2h 2h 1w 1h",
      "$NS 1d ns1.list.example ns2.list.example",
      "$TTL 35m",
      "#$1 https://list.example",
      ";$= $1/$=?$",
      "$TIMESTAMP 2026:11:28:10:00:00 +2d",
      "$MAXRANGE4 /24",
      "192.0.2.0/24 evil",
      "198.51.100.1 =alone $",
    ],
    says: [
      ["192.0.2.1", "127.0.0.2 https://list.example/evil?192.0.2.1"],
      ["198.51.100.1", "127.0.0.2 alone 198.51.100.1"],
    ],
  },
];

describe("formats of local lists", () => {
  for (const { title, format, lines, says } of CASES)
    test(title, () => {
      for (const [who, answer] of says) assert.equal(said(format, lines, who), answer, who);
    });

  test("a combined file says different things in its parts", () => {
    const lines = [
      "$1 for all",
      "$DATASET ip4set:proxy proxies @",
      ":2:proxy $1",
      "192.0.2.1",
      "$DATASET ip4trie relays @",
      ":3:relay $1",
      "192.0.2.0/24",
      "$DATASET dnset relays",
      "bad.example",
    ];
    assert.equal(said("combined", lines, "192.0.2.1"), "127.0.0.2 127.0.0.3 proxy for all relay for all"); // prettier-ignore
    assert.equal(said("combined", lines, "192.0.2.1", "relays"), "127.0.0.3 relay for all");
    assert.equal(said("combined", lines, "192.0.2.1", "proxies"), "127.0.0.2 proxy for all");
    assert.equal(said("combined", lines, "bad.example", "relays"), "127.0.0.2");
    assert.equal(said("combined", lines, "bad.example"), "clear");
  });

  test("when the data was made, and until when it is good", () => {
    const at = (...lines: string[]) => {
      const snapshot = parsed("ip4set", lines).snapshot;
      return [snapshot?.made, snapshot?.expires];
    };
    const made = Date.UTC(2026, 10, 28, 10);
    const day = 86_400_000;
    assert.deepEqual(at("$TIMESTAMP 2026:11:28:10:00:00 +2d"), [made, made + 2 * day]);
    assert.deepEqual(at("$TIMESTAMP 20261128 0"), [Date.UTC(2026, 10, 28), undefined]);
    assert.deepEqual(at("$TIMESTAMP - 2027-01-01"), [undefined, Date.UTC(2027, 0, 1)]);
    assert.deepEqual(at("192.0.2.1"), [undefined, undefined]);
  });
});

const GUESSES: readonly (readonly [ListFormat, readonly string[]])[] = [
  ["cidr", []],
  ["cidr", ["# nothing", "192.0.2.0/24"]],
  ["cidr", ["192.0.2.0/24 ; SBL1", "2001:db8::/32"]],
  ["drop", ['{"cidr":"192.0.2.0/24"}']],
  ["ip4set", ["192.0.2.1 :3:text"]],
  ["ip4set", ["10.1.2"]],
  ["ip4set", ["192.0.2.0/24", "!192.0.2.5"]],
  ["ip4set", [":2:", "192.0.2.1"]],
  ["ip6trie", ["2001:db8::1 :3:"]],
  ["dnset", [".bad.example"]],
  ["dnset", ["bad.example :3:text"]],
  ["generic", ["bad.example A 127.0.0.2"]],
  ["combined", ["$SOA 1 a b 0 1 1 1 1", "$DATASET ip4set @", "1.2.3.4"]],
];

describe("what format a file has", () => {
  for (const [format, lines] of GUESSES)
    test(`${lines.join(" | ")}: ${format}`, () => {
      assert.equal(parsed("auto", lines).format, format);
    });

  test("is asked for where its lines leave it open", () => {
    assert.deepEqual(faults("auto", ["192.0.2.1", "bad.example"]), [
      "what format it is in cannot be told: it has names and addresses; expected a setting that says it",
    ]);
  });
});

/** Each line alone, and why it is no good. */
const BAD: readonly (readonly [ListFormat, string, string])[] = [
  ["cidr", "10.1", '"10.1": expected an address, a block or a range, such as 192.0.2.0/24'],
  [
    "cidr",
    "10.0.0.1/8",
    '"10.0.0.1/8": there is more in the address than its 8 bits; expected 10.0.0.0/8',
  ],
  ["cidr", "10.0.0.0/33", '"10.0.0.0/33": expected 0 to 32 bits behind the slash'],
  ["cidr", "10.0.0.9-10.0.0.1", '"10.0.0.9-10.0.0.1": the range ends before it begins'],
  ["cidr", "192.0.2.1 what", '"192.0.2.1 what": expected ";" or "#" before a remark'],
  ["cidr", "2001:db8::1::2", '"2001:db8::1::2": expected ";" or "#" before a remark'],
  ["drop", "192.0.2.1", '"192.0.2.1": expected an object of JSON on each line'],
  ["drop", '{"sblid":"SBL1"}', 'expected a field "cidr" with a block'],
  ["drop", '{"cidr":"192.0.2.0/24 "}', '"192.0.2.0/24 ": expected a block, and nothing else'],
  ["ip4set", "300.1.1.1", '"300.1.1.1": expected an address, such as 192.0.2.1 or 192.0.2.0/24'],
  ["ip4set", "10", '"10": a single number could be anything; expected, for a block, 10/8'],
  ["ip4set", "1.2.3.4.5", '"1.2.3.4.5": expected a blank behind the address'],
  ["ip4set", ":x:text", "expected a code between the colons, such as :127.0.0.2: or :2:"],
  [
    "ip4set",
    "$WHAT is this",
    '"$WHAT is this": expected $SOA, $NS, $TTL, $TIMESTAMP, $MAXRANGE4, $=, or a digit and a text',
  ],
  ["ip4set", "$TTL soon", '"$TTL soon": expected $TTL and seconds'],
  [
    "ip4set",
    "$SOA 1 a b",
    '"$SOA 1 a b": expected $SOA ttl origin person serial refresh retry expire minttl',
  ],
  ["ip4set", "$NS", '"$NS": expected $NS ttl name …'],
  [
    "ip4set",
    "$TIMESTAMP 2026-02-30",
    '"$TIMESTAMP 2026-02-30": expected $TIMESTAMP yyyy:mm:dd:hh:mm:ss, and the same or +2d for its end',
  ],
  [
    "ip4set",
    "$DATASET ip4set @",
    '"$DATASET ip4set @": expected $SOA, $NS, $TTL, $TIMESTAMP, $MAXRANGE4, $=, or a digit and a text',
  ],
  ["ip4tset", "10.0.0.0/8", '"10.0.0.0/8": expected one address, such as 192.0.2.1'],
  ["ip4tset", "!10.0.0.1", '"!10.0.0.1": this format has no exclusions'],
  ["ip6trie", "2001:db8::/129", '"2001:db8::/129": expected 0 to 128 bits behind the slash'],
  ["ip6trie", "2001:db8::1/64", '"2001:db8::1/64": there is more in the address than its 64 bits'],
  [
    "ip6tset",
    "2001:db8::/64",
    '"2001:db8::/64": expected the four groups of a /64, such as 2001:db8:0:1',
  ],
  [
    "dnset",
    "a..example",
    '"a..example": expected a name, such as example.org, *.example.org or .example.org',
  ],
  [
    "dnset",
    "a.*.example",
    '"a.*.example": expected a name, such as example.org, *.example.org or .example.org',
  ],
  [
    "generic",
    "a.example CNAME b.example",
    '"a.example CNAME b.example": expected a record A, TXT or MX',
  ],
  ["generic", "a.example A x", '"a.example A x": expected an address behind A'],
  ["combined", "192.0.2.1", 'line 1: "192.0.2.1" stands before any $DATASET'],
  [
    "combined",
    "$DATASET acl @",
    'line 1: there is no dataset "acl" in a combined file; expected one of ip4set, ip4trie, ip4tset, ip6trie, ip6tset, dnset, generic',
  ],
  ["combined", "$DATASET ip4set a..b", 'line 1: "a..b" is no name of a subzone'],
];

describe("lines that are no good", () => {
  for (const [format, line, why] of BAD)
    test(`${format}: ${line}`, () => {
      const where = why.startsWith("line ") ? "" : "1: ";
      assert.deepEqual(faults(format, line), [where + why]);
    });

  test("say their line, the first twenty; the rest is counted", () => {
    const lines = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? "192.0.2.1" : "bad\x01"));
    const { problems, problemCount, snapshot } = parsed("ip4set", lines);
    assert.equal(problemCount, 25);
    assert.deepEqual(problems.map(({ line }) => line), Array.from({ length: 20 }, (_, i) => 2 * i + 2)); // prettier-ignore
    assert.equal(problems[0]?.reason, "there is a control octet in it");
    assert.equal(snapshot?.entries, 25);
  });

  test("an entry that is wider than $MAXRANGE4 is one", () => {
    assert.deepEqual(faults("ip4trie", ["$MAXRANGE4 256", "10.0.0.0/23", "10.0.0.0/24"]), [
      '2: "10.0.0.0/23": 512 addresses; $MAXRANGE4 allows 256',
    ]);
    assert.deepEqual(faults("ip4trie", ["$MAXRANGE4 256", "$MAXRANGE4 /8"]), [
      '2: "$MAXRANGE4 /8": $MAXRANGE4 is 256 already and cannot become larger',
    ]);
  });

  test("so is one that is too long, and it is not held", () => {
    assert.deepEqual(faults("ip4set", ["192.0.2.1", `# ${"x".repeat(20_000)}`, "192.0.2.2"]), [
      "2: more than 16384 characters",
    ]);
  });

  test("a DROP that was cut off is refused whole", () => {
    const lines = ['{"cidr":"192.0.2.0/24"}', '{"type":"metadata","records":2}'];
    assert.deepEqual(faults("drop", lines), ["it says that it has 2 records, and has 1"]);
  });

  test("a file with too many entries is refused", () => {
    const { refusal, snapshot } = parsed("ip4set", ["192.0.2.1", "192.0.2.2", "192.0.2.3"], 2);
    assert.equal(refusal, "line 3: more than 2 entries");
    assert.equal(snapshot, undefined);
  });
});
