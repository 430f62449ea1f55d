/** What is asked, and what an answer says: names of questions, patterns of codes, errors that must never read as a listing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canary,
  canaryKind,
  CANARY_OCTETS,
  parseCodePattern,
  questionName,
  rawAnswer,
  readAnswer,
  subjectText,
  type ListAnswer,
  type ListSubject,
} from "../../../src/policy/lists/index.ts";
import { reasonText, TEXT_LIMIT } from "../../../src/policy/lists/reason-text.ts";
import { parseName, type Resolution } from "../../../src/protocol/dns/index.ts";
import { address, ip, named, zoneList } from "./lists.ts";

// ---- The name that is asked ----

const NAMES: readonly (readonly [subject: ListSubject, kind: string, name: string | undefined])[] =
  [
    [address("192.0.2.99"), "addresses", "99.2.0.192.bl.example"],
    [address("::ffff:192.0.2.99"), "addresses", "99.2.0.192.bl.example"],
    [
      address("2001:db8:1:2:3:4:567:89ab"),
      "addresses",
      "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example",
    ],
    [address("::1"), "addresses", `1.${"0.".repeat(31)}bl.example`],
    [named("Spam.Example"), "names", "spam.example.bl.example"],
    [named("bücher.example"), "names", "xn--bcher-kva.example.bl.example"],
    [address("192.0.2.99"), "names", undefined],
    [named("spam.example"), "addresses", undefined],
    [named(Array.from({ length: 4 }, () => "a".repeat(61)).join(".")), "names", undefined],
  ];

for (const [subject, kind, name] of NAMES)
  test(`a list of ${kind} is asked about ${subjectText(subject).slice(0, 50)}`, () => {
    assert.equal(questionName(zoneList({ kind }), subject), name);
  });

test("a key is a part of the zone", () => {
  const list = zoneList({ preset: "spamhaus-zen", key: "s3cret" });
  assert.equal(questionName(list, address("192.0.2.99")), "99.2.0.192.s3cret.zen.dq.spamhaus.net");
});

// ---- Codes ----

const PATTERNS: readonly (readonly [pattern: string, matching: string, others: string])[] = [
  ["127.0.0.2", "127.0.0.2", "127.0.0.3 127.0.1.2 127.0.0.22"],
  ["127.0.0.10-11", "127.0.0.10 127.0.0.11", "127.0.0.9 127.0.0.12"],
  ["127.0.*.3", "127.0.0.3 127.0.255.3", "127.0.0.2 127.1.0.3"],
  ["127.0.0.&2", "127.0.0.2 127.0.0.3 127.0.0.254", "127.0.0.4 127.0.0.253"],
  ["127.0.0.&6", "127.0.0.2 127.0.0.4", "127.0.0.8"],
  ["127.0-1.0.2", "127.0.0.2 127.1.0.2", "127.2.0.2"],
];

for (const [text, matching, others] of PATTERNS)
  test(`the code pattern ${text}`, () => {
    const pattern = parseCodePattern(text);
    assert.ok(typeof pattern !== "string");
    for (const code of matching.split(" ")) assert.equal(pattern.matches(ip(code)), true, code);
    for (const code of others.split(" ")) assert.equal(pattern.matches(ip(code)), false, code);
  });

for (const text of [
  "",
  "127.0.0",
  "127.0.0.0.2",
  "127.0.0.256",
  "127.0.0.02",
  "127.0.0.3-2",
  "127.0.0.&0",
  "127.0.0.&256",
  "127.0.0.x",
  "127.0.0.2-",
  " 127.0.0.2",
  "::1",
])
  test(`"${text}" is no code pattern`, () => {
    assert.match(faultOf(text), /is no code; expected/);
  });

test("a pattern outside 127/8 is refused, and one that begins with anything matches nothing outside", () => {
  assert.match(faultOf("192.0.2.1"), /outside 127\.0\.0\.0\/8/);
  assert.match(faultOf("*.0.0.2"), /outside 127\.0\.0\.0\/8/);
});

function faultOf(text: string): string {
  const pattern = parseCodePattern(text);
  return typeof pattern === "string" ? pattern : "";
}

// ---- What an answer says ----

const ZEN = zoneList({ preset: "spamhaus-zen" });
const DBL = zoneList({ preset: "spamhaus-dbl" });
const DNSWL = zoneList({ preset: "dnswl" });
const URIBL = zoneList({ preset: "uribl" });
const PLAIN = zoneList();

const ANSWERS: readonly (readonly [
  title: string,
  list: typeof ZEN,
  codes: string,
  said: string,
])[] = [
  ["a known code", ZEN, "127.0.0.4", "listed 127.0.0.4"],
  ["several", ZEN, "127.0.0.2 127.0.0.9", "listed 127.0.0.2 127.0.0.9"],
  ["known ones beside an unknown one", ZEN, "127.0.0.77 127.0.0.3", "listed 127.0.0.3"],
  ["an unknown code", ZEN, "127.0.0.1", "error unknown code 127.0.0.1"],
  ["a parking address", ZEN, "192.0.2.80", "error outside 127/8 192.0.2.80"],
  [
    "a parking address beside a code",
    ZEN,
    "127.0.0.2 192.0.2.80",
    "error outside 127/8 192.0.2.80",
  ],
  ["a typing error in the zone's name", ZEN, "127.255.255.252", "error error code 127.255.255.252"],
  ["a public resolver", ZEN, "127.255.255.254", "error error code 127.255.255.254"],
  ["too many questions", ZEN, "127.255.255.255", "error error code 127.255.255.255"],
  ["an error beside a code", ZEN, "127.0.0.2 127.255.255.254", "error error code 127.255.255.254"],
  [
    "of a list that nobody has described",
    PLAIN,
    "127.255.255.254",
    "error error code 127.255.255.254",
  ],
  ["and one that it does not know", PLAIN, "127.0.0.3", "error unknown code 127.0.0.3"],
  ["DBL, asked about an address", DBL, "127.0.1.255", "error error code 127.0.1.255"],
  ["DBL, phishing", DBL, "127.0.1.4", "listed 127.0.1.4"],
  ["dnswl, asked too often", DNSWL, "127.0.0.255", "error error code 127.0.0.255"],
  ["dnswl, trusted highly", DNSWL, "127.0.5.3", "listed 127.0.5.3"],
  ["URIBL, refused", URIBL, "127.0.0.1", "error error code 127.0.0.1"],
  ["URIBL, black and red", URIBL, "127.0.0.10", "listed 127.0.0.10"],
  [
    "everything, by a wildcard of a pattern",
    zoneList({ answers: { "127.*.*.*": { meaning: "x" } } }),
    "127.255.255.1",
    "error error code 127.255.255.1",
  ],
];

for (const [title, list, codes, said] of ANSWERS)
  test(`an answer: ${title}`, () => {
    const raw = rawAnswer(found(codes.split(" ")));
    assert.equal(answerText(readAnswer(raw, list)), said);
  });

test("no such name and no data are clear; whatever fails is an error, and never clear", () => {
  for (const kind of ["no-such-name", "no-data"] as const)
    assert.deepEqual(readAnswer(rawAnswer({ kind, ttl: 60, authentic: false }), ZEN), {
      kind: "clear",
    });
  for (const why of [
    "servfail",
    "refused",
    "timeout",
    "unreachable",
    "malformed",
    "overloaded",
  ] as const)
    assert.deepEqual(readAnswer(rawAnswer({ kind: "failed", why }), ZEN), { kind: "error", why });
});

test("of very many records the first ones are looked at", () => {
  const many = Array.from({ length: 1000 }, (_, i) => `127.0.${i % 250}.2`);
  const raw = rawAnswer(found(many));
  assert.ok(raw.kind === "codes");
  assert.equal(raw.codes.length, 16);
});

// ---- What it says of why ----

const REASONS: readonly (readonly [said: string, text: string | undefined])[] = [
  ["https://www.example/query/192.0.2.99", "https://www.example/query/192.0.2.99"],
  ["two\r\nlines\tand  blanks ", "two lines and blanks"],
  ["\u001b[31mred\u0007 \u00e9", "?[31mred? ?"],
  ["ask with S3cret.zen and s3CRET", "ask with (key).zen and (key)"],
  ["  ", undefined],
  ["", undefined],
];

for (const [said, text] of REASONS)
  test(`a reason is made fit to be repeated: ${JSON.stringify(said)}`, () => {
    assert.equal(reasonText(Buffer.from(said, "latin1"), { key: "s3cret" }), text);
  });

test("a long reason is shortened", () => {
  const text = reasonText(Buffer.alloc(60_000, "x"), {});
  assert.equal(text, `${"x".repeat(TEXT_LIMIT - 3)}...`);
});

// ---- Canaries ----

test("a canary is of the subject's kind, never anybody's, and another one each time", () => {
  const chance = (octet: number) => new Uint8Array(CANARY_OCTETS).fill(octet);
  const texts = (octet: number) =>
    [address("192.0.2.1"), address("2001:db8::1"), named("a.example")].map((subject) =>
      subjectText(canary(canaryKind(subject), chance(octet))),
    );
  assert.deepEqual(texts(255), [
    "240.255.255.255",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    `c${"f".repeat(24)}.invalid`,
  ]);
  for (let octet = 0; octet < 256; octet++) {
    const [v4 = "", v6 = "", name = ""] = texts(octet);
    const first = Number(v4.split(".")[0]);
    assert.ok(first >= 240 && first < 255, v4);
    assert.match(v6, /^2001:db8:/);
    assert.match(name, /\.invalid$/);
  }
  assert.notDeepEqual(texts(1), texts(2));
});

function found(codes: readonly string[]): Resolution<"A"> {
  const name = parseName("99.2.0.192.bl.example") ?? assert.fail();
  return { kind: "found", name, records: codes.map(ip), ttl: 60, authentic: false };
}

function answerText(answer: ListAnswer): string {
  switch (answer.kind) {
    case "clear":
      return "clear";
    case "listed":
      return `listed ${answer.codes.join(" ")}`;
    case "error":
      return `error ${answer.why} ${answer.code ?? ""}`;
  }
}
