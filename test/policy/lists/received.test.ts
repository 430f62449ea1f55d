/** Where a message comes from, as its Received fields say: the forms of servers, lies that clients tell, and how far each is believed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as holds, constantFrom, property, string } from "fast-check";
import { parseCidr } from "../../../src/mail/index.ts";
import {
  HOPS_LIMIT,
  receivedChain,
  RECEIVED_LIMIT,
  wayOf,
  type ReceivedChain,
} from "../../../src/policy/lists/received-chain.ts";
import { fromAddress } from "../../../src/policy/lists/received-from.ts";
import { ip } from "./lists.ts";

const A = "192.0.2.7";

/** As servers write it, and what it says. */
const FORMS: readonly (readonly [server: string, body: string, says: string | undefined])[] = [
  [
    "Gatepost",
    " from mx.example ([192.0.2.7])\r\n\tby mx.local.example with ESMTPS\r\n\tid x;\r\n\tdate",
    A,
  ],
  [
    "Postfix",
    " from mx.example (mail.example [192.0.2.7])\r\n\tby b.example (Postfix) with ESMTP id X",
    A,
  ],
  ["Postfix, no name", " from mx.example (unknown [192.0.2.7]) by b.example", A],
  [
    "Postfix, TLS comment",
    " from mx.example (mail.example [192.0.2.7])\r\n\t(using TLSv1.3 with cipher TLS_AES_256 (256/256 bits))\r\n\t(No client certificate requested)\r\n\tby b.example",
    A,
  ],
  [
    "Postfix, IPv6",
    " from mx.example (mail.example [IPv6:2001:db8::7]) by b.example",
    "2001:db8::7",
  ],
  [
    "Sendmail",
    " from mx.example (mail.example [192.0.2.7] (may be forged))\r\n\tby b.example (8.15.2)",
    A,
  ],
  ["Sendmail, ident", " from mx.example (root@mail.example [192.0.2.7]) by b.example", A],
  ["Exim, HELO is the name", " from mail.example ([192.0.2.7])\r\n\tby b.example with esmtps", A],
  ["Exim, another HELO", " from mail.example ([192.0.2.7] helo=mx.example)\r\n\tby b.example", A],
  ["Exim, a port", " from mail.example ([192.0.2.7]:41234 helo=mx.example) by b.example", A],
  ["Exim, no name", " from [192.0.2.7] (helo=mx.example)\r\n\tby b.example", A],
  ["Exim, no name, a literal as HELO", " from [192.0.2.7] (helo=[10.1.1.1]) by b.example", A],
  ["Exim, no name, a port", " from [192.0.2.7]:4711 (helo=x) by b.example", A],
  ["qmail", " from unknown (HELO mx.example) (192.0.2.7)\r\n  by b.example with SMTP", A],
  [
    "Exchange",
    " from MX.inner.example (192.0.2.7) by b.inner.example (10.0.0.2) with Microsoft SMTP Server",
    A,
  ],
  [
    "Exchange, IPv6",
    " from MX.inner.example (2001:db8::7) by b.inner.example (2001:db8::2)",
    "2001:db8::7",
  ],
  [
    "Gmail",
    " from mail.example (mail.example. [192.0.2.7])\r\n        by mx.google.com with ESMTPS id x",
    A,
  ],
  ["Gmail, inside", " by 2002:a05:6402:22c3:b0:5c4:1 with SMTP id x", undefined],
  ["a literal as HELO and no more", " from [192.0.2.7] by b.example", A],
  ["mapped IPv4", " from x (y [IPv6:::ffff:192.0.2.7]) by b.example", A],
  ["in capitals", " FROM mx.example (MAIL.EXAMPLE [192.0.2.7]) BY b.example", A],
  ["LMTP on this machine", " from mx.example\r\n\tby mx.example with LMTP id x", undefined],
  ["a local program", " (from root@localhost)\r\n\tby b.example (8.15.2/Submit) id x", undefined],
  ["Postfix, a local program", " by b.example (Postfix, from userid 0)\r\n\tid x; date", undefined],
  ["nothing", "", undefined],
];

for (const [server, body, says] of FORMS)
  test(`Received as written by ${server}`, () => {
    assert.equal(fromAddress(body), says);
  });

/** The client calls itself whatever it likes: what could be read in two ways is read in none, and never as what the client wants. */
const VICTIM = "203.0.113.9";
const LIES: readonly (readonly [helo: string, says: string | undefined])[] = [
  [`[${VICTIM}]`, A],
  [VICTIM, A],
  [`x([${VICTIM}])`, A],
  [`x(${VICTIM})`, A],
  [`(x[${VICTIM}])`, A],
  [`([${VICTIM}])`, A],
  [`x;from[${VICTIM}]`, A],
  [`x(`, A],
  [`x)`, A],
  [`x\\`, A],
];

for (const [helo, says] of LIES)
  test(`a client that calls itself ${helo}`, () => {
    assert.equal(fromAddress(` from ${helo} (mail.example [${A}]) by b.example`), says);
  });

for (const body of [
  ` from x ([${VICTIM}]) (y [${A}]) by b`,
  ` from x (y [${VICTIM}] [${A}]) by b`,
  ` from x (y [${VICTIM}] (z [${A}])) by b`.replace("(z [", "(z) ["),
  ` from x (\\) [${VICTIM}]) by b`,
  ` from x (y [${A}] by b`,
  ` from x (y [192.0.2.256]) by b`,
  ` from x (y [192.0.2.07]) by b`,
])
  test(`two ways to read it, or none: ${body}`, () => {
    assert.equal(fromAddress(body), undefined);
  });

test("a name of the client's choice, without blanks, never makes a server's field say what it wants", () => {
  const piece = constantFrom(
    "(",
    ")",
    "[",
    "]",
    VICTIM,
    "\\",
    "x",
    ";",
    "from",
    "by",
    "helo=",
    '"',
    "IPv6:",
    ":25",
    ",",
  );
  holds(
    property(array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const helo = pieces.join("");
      for (const written of [
        `${helo} (mail.example [${A}])`,
        `${helo} (unknown [${A}])`,
        `${helo} ([${A}])`,
        `mail.example ([${A}] helo=${helo})`,
        `[${A}] (helo=${helo})`,
      ]) {
        const says = fromAddress(` from ${written}\r\n\tby b.example with ESMTP id x; date`);
        assert.notEqual(says, VICTIM, written);
      }
    }),
    { numRuns: 2000 },
  );
});

test("no octets make it throw, or take long", () => {
  holds(
    property(
      string({ unit: "binary", maxLength: 200 }),
      (body) => void fromAddress(` from ${body}`),
    ),
  );
  for (const part of ["(", "[", "(()", " ", "\r\n ", "x (", "[1", "\\"])
    fromAddress(` from ${part.repeat(100_000)}`);
});

// ---- The chain ----

function section(...bodies: readonly string[]): Uint8Array {
  return Buffer.from(
    `${bodies.map((body) => `Received: from ${body}\r\n`).join("")}Subject: x\r\n\r\n`,
  );
}

const OURS = parseCidr("198.51.100.0/28") ?? assert.fail();

function way(chain: ReceivedChain, peer: string) {
  const { client, hops } = wayOf(chain, ip(peer), (one) => OURS.contains(one));
  return `${client ?? "-"} < ${hops.join(" ")}`.trim();
}

function chainOf(...bodies: readonly string[]): ReceivedChain {
  return receivedChain(section(...bodies));
}

test("fields are read from the outside in, and others passed over", () => {
  const text =
    "Return-Path: <x@y.example>\r\nReceived: from a (b [192.0.2.1])\r\n\tby c\r\nX-Received: from a ([192.0.2.9]) by c\r\nRECEIVED: from d ([192.0.2.2]) by e\r\n\r\n";
  assert.deepEqual(receivedChain(Buffer.from(text)), ["192.0.2.1", "192.0.2.2"]);
});

test("so many fields, and so many hosts, are looked at", () => {
  const many = Array.from({ length: 200 }, (_, i) => `x ([192.0.2.${i}]) by y`);
  const chain = chainOf(...many);
  assert.equal(chain.length, RECEIVED_LIMIT);
  const { hops } = wayOf(chain, ip("8.8.8.8"), () => false);
  assert.equal(hops.length, HOPS_LIMIT);
  assert.equal(hops[0], "192.0.2.0");
});

const CHAIN = chainOf(
  "a ([192.0.2.1]) by b",
  "c ([192.0.2.2]) by d",
  "e by f",
  "g ([192.0.2.3]) by h",
);

test("of a stranger all of it is a claim", () => {
  assert.equal(way(CHAIN, "8.8.8.8"), "- < 192.0.2.1 192.0.2.2 192.0.2.3");
  assert.equal(
    way(chainOf("a ([8.8.8.8]) by b", "c ([192.0.2.1]) by d", "e ([192.0.2.1]) by f"), "8.8.8.8"),
    "- < 192.0.2.1",
  );
});

test("what a trusted host has written is a fact, and what is below it a claim", () => {
  assert.equal(way(CHAIN, "198.51.100.1"), "192.0.2.1 < 192.0.2.2 192.0.2.3");
});

test("trusted hosts among themselves are walked through, and over their loopback", () => {
  const through = chainOf(
    "x ([127.0.0.1]) by backup",
    "x ([198.51.100.2]) by backup",
    "y ([192.0.2.1]) by first",
    "z ([192.0.2.2]) by theirs",
  );
  assert.equal(way(through, "198.51.100.1"), "192.0.2.1 < 192.0.2.2");
});

test("a trusted host that says nothing of who came to it makes nobody the client", () => {
  assert.equal(
    way(chainOf("x by backup", "y ([192.0.2.1]) by z"), "198.51.100.1"),
    "- < 192.0.2.1",
  );
  assert.equal(way([], "198.51.100.1"), "- <");
});

test("whoever claims to have come through a trusted host is not believed for it", () => {
  const claimed = chainOf("x ([198.51.100.1]) by y", `z ([${VICTIM}]) by backup`);
  assert.equal(way(claimed, "8.8.8.8"), `- < 198.51.100.1 ${VICTIM}`);
  assert.equal(
    way(chainOf("x ([127.0.0.1]) by y", `z ([${VICTIM}]) by y`), "8.8.8.8"),
    `- < 127.0.0.1 ${VICTIM}`,
  );
});
