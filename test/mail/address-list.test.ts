/** Addresses of a header field: what is read, what is refused because somebody could read it otherwise, and in which words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  ADDRESS_LIST_LIMIT,
  addressListFaultText,
  displayDomain,
  formatAddress,
  parseAddress,
  parseAddressList,
  type AddressListFault,
} from "../../src/mail/index.ts";
import { domainOf } from "../support/memory-directory.ts";

/** The addresses, or the fault, of a body whose last line is ended. */
function read(text: string): readonly string[] | AddressListFault {
  const list = parseAddressList(Buffer.from(`${text}\r\n`));
  return typeof list === "string" ? list : list.map(formatAddress);
}

const READ: readonly (readonly [string, readonly string[]])[] = [
  ["a@b.example", ["a@b.example"]],
  [" <a@b.example>", ["a@b.example"]],
  [" Ann <a@b.example>", ["a@b.example"]],
  ["Ann Q. Public Jr. <A@B.example>", ["A@b.example"]],
  [' "Public, Ann" <a@b.example>', ["a@b.example"]],
  [' "a\\"b\\\\" <a@b.example>', ["a@b.example"]],
  ['"ann@home" <a@b.example>', ["a@b.example"]],
  ["=?utf-8?q?J=C3=BCrgen?= <a@b.example>", ["a@b.example"]],
  ["=?utf-8?B?YW5uQGhvbWU=?= <a@b.example>", ["a@b.example"]],
  ["Jürgen <a@b.example>", ["a@b.example"]],
  ["a@b.example (Ann)", ["a@b.example"]],
  ["(x (y \\) z) ) a@b.example (Ann) ", ["a@b.example"]],
  ["Ann (home) <a@b.example> (x)", ["a@b.example"]],
  ["a@b.example, Bob <c@d.example>,<e@f.example>", ["a@b.example", "c@d.example", "e@f.example"]],
  ["team: a@b.example, Bob <c@d.example>;", ["a@b.example", "c@d.example"]],
  ['"the team":a@b.example;, c@d.example', ["a@b.example", "c@d.example"]],
  ["nobody:;, a@b.example", ["a@b.example"]],
  ['"a b"@c.example', ['"a b"@c.example']],
  ['<"plain"@c.example>', ["plain@c.example"]],
  ["用户@例え.jp", ["用户@xn--r8jz45g.jp"]],
  ["a@[192.0.2.1]", ["a@[192.0.2.1]"]],
  ["<a@[IPv6:2001:db8::1]>", ["a@[IPv6:2001:db8::1]"]],
  ["\r\n Ann\r\n\t<a@b.example>", ["a@b.example"]],
  ["a@b.example\t", ["a@b.example"]],
];

test("addresses are read with all that may stand around them", () => {
  for (const [text, expected] of READ) assert.deepEqual(read(text), expected, JSON.stringify(text));
});

const FAULTS: readonly (readonly [AddressListFault, readonly string[]])[] = [
  [
    "no-text",
    [
      "a@b.example\0",
      "a\x07 <a@b.example>",
      "a\x7f <a@b.example>",
      "a\u0085 <a@b.example>",
      "a@b.example\r\n \r\n ,c@d.example", // for some a line of blanks ends the header section
      "a@b.example\r\n\t",
      "a@b.example\rc@d.example",
    ],
  ],
  ["no-address", ["", "  ", "nobody:;", "nobody:; , all: ;"]],
  ["route", ["<@one.example:a@b.example>", "Ann <@one.example,@two.example:a@b.example>"]],
  [
    "hidden-address",
    [
      '"<c@d.example>" <a@b.example>',
      "(<c@d.example>) a@b.example",
      "a@b.example (Ann <c@d.example>)",
      "a@b.example (<) (c@d.example)",
      '(<) "c@d.example" <a@b.example>',
      "=?utf-8?q?=3Cc=40d.example=3E?= <a@b.example>",
      "=?utf-8?b?PGNAZC5leGFtcGxlPg==?= <a@b.example>",
      "=?x?q?=3Cc?= =?x?Q?=40d?= <a@b.example>",
      "=?utf-8?q?c?=@b.example",
      '<"a>b"@c.example>',
      '"<a"@c.example',
      '"a@d.example"@c.example',
      "<=?utf-8?q?c?=@b.example>",
    ],
  ],
  [
    "syntax",
    [
      "Ann",
      "a@",
      "@b.example",
      "a@b.example c@d.example",
      "a@b.example <c@d.example>",
      "<a@b.example> <c@d.example>",
      "<a@b.example>x",
      "<a@b.example",
      "a@b.example>",
      "<<a@b.example>>",
      "<>",
      "< a@b.example>",
      "<a@b.example >",
      "<a(x)@b.example>",
      "a (x)@b.example",
      "a@ b.example",
      "\u00a0a@b.example",
      '"a\u2003b"@c.example',
      "a @b.example",
      "a . b@c.example",
      'a."b"@c.example',
      '"a"b@c.example',
      "a@b@c.example",
      "a@b..example",
      "a@b.example.",
      "a@b,example",
      "a@[not an address]",
      ",a@b.example",
      "a@b.example,",
      "a@b.example,,c@d.example",
      "a@b.example;",
      "a@b.example; c@d.example",
      "team: a@b.example",
      "team: a@b.example,;",
      "team: other: a@b.example;;",
      ": a@b.example;",
      "team a@b.example;",
      "Public, Ann <a@b.example>",
      "[list] <a@b.example>",
      "Ann\\ <a@b.example>",
      '"Ann <a@b.example>',
      "(Ann a@b.example",
      "Ann) a@b.example",
      "a@b.example (x",
      "＜a@b.example＞",
    ],
  ],
];

test("what two readers could read in two ways is a fault", () => {
  for (const [fault, texts] of FAULTS)
    for (const text of texts) assert.equal(read(text), fault, JSON.stringify(text));
});

test("octets that are no UTF-8 are no text", () => {
  assert.equal(parseAddressList(Buffer.from("J\xfcrgen <a@b.example>\r\n", "latin1")), "no-text");
});

test("a field has so many addresses at most", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `a${i}@b.example`);
  assert.equal(read(many(ADDRESS_LIST_LIMIT).join(", ")).length, ADDRESS_LIST_LIMIT);
  assert.equal(read(many(ADDRESS_LIST_LIMIT + 1).join(", ")), "too-many");
});

test("each fault is explained in words of its own", () => {
  const faults = [...FAULTS.map(([fault]) => fault), "too-many" as const];
  assert.equal(new Set(faults.map(addressListFaultText)).size, faults.length);
});

test("whatever comes, an address that is read stands in the text as it is, or is written so", () => {
  const piece = fc.constantFrom(
    ...'a @ . , ; : < > ( ) " \\ [ ] = ? b.example c@d.example \r\n \r\n\t ü \0'.split(" "),
    " ",
    "=?x?q?=3Cc=40d?=",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join("");
      const list = read(text);
      if (typeof list === "string") return;
      for (const address of list) {
        assert.ok(typeof parseAddress(address) === "object", address);
        const [, domain = ""] = address.split("@");
        const shown = displayDomain(domainOf(domain));
        assert.ok(
          text.includes(`@${domain}`) || text.includes(`@${shown}`),
          `${address} in ${JSON.stringify(text)}`,
        );
      }
      // As many as there are at signs outside of names and comments: none is passed over.
      const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"(?!@)|\((?:[^()\\]|\\.)*\)/g, "");
      if (!bare.includes("(")) assert.equal(list.length, bare.split("@").length - 1, text);
    }),
    { numRuns: 20_000 },
  );
});
