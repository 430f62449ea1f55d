/** Paths: every form of the relay catalogue's sections 2 and 3 and what it is read as; properties of the grammar. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  faultText,
  formatAddress,
  formatForwardPath,
  formatLocalPart,
  formatReversePath,
  hasRoutingCharacters,
  journalKey,
  localKey,
  parseAddress,
  parseDomain,
  parsePath,
  readLiteral,
  type Address,
  type PathFault,
} from "../../src/mail/index.ts";

/** What `parsePath` made of a path, in one line. */
function read(path: string, smtputf8 = false): string {
  const result = parsePath(path, 0, smtputf8);
  switch (result.kind) {
    case "null":
    case "postmaster":
      return `${result.kind}${rest(path, result.end)}`;
    case "fault":
      return result.fault;
    case "address": {
      const routed = result.routed ? "routed " : "";
      const refused = hasRoutingCharacters(result.address.local) ? "routing-characters " : "";
      return `${routed}${refused}${formatAddress(result.address)}${rest(path, result.end)}`;
    }
  }
}

/** What stands behind the path is not the path's: the command's grammar judges it. */
function rest(path: string, end: number): string {
  return end === path.length ? "" : ` + ${JSON.stringify(path.slice(end))}`;
}

// L = local.example, F = foreign.example, H = mx.local.example, IP = 192.0.2.1.
const CATALOGUE: readonly (readonly [string, string, string])[] = [
  ["R04", "<x>", "unqualified"],
  ["R05", "<>", "null"],
  ["R10", "<x@[192.0.2.1]>", "x@[192.0.2.1]"],
  ["R11", "<x@>", "bad-domain"],
  ["R12", "u@foreign.example", "not-a-path"],
  [
    "R30",
    "<u%foreign.example@local.example>",
    "routing-characters u%foreign.example@local.example",
  ],
  ["R31", "<u%foreign.example@[192.0.2.1]>", "routing-characters u%foreign.example@[192.0.2.1]"],
  [
    "R32",
    "<u%foreign.example@mx.local.example>",
    "routing-characters u%foreign.example@mx.local.example",
  ],
  ["R33", "<u%foreign.example>", "unqualified"],
  [
    "R34",
    "<u%foreign.example%local.example@local.example>",
    "routing-characters u%foreign.example%local.example@local.example",
  ],
  ["R35", '<"u%foreign.example">', "unqualified"],
  ["R36", '<"u@foreign.example">', "unqualified"],
  ["R37", "<u@foreign.example@local.example>", "bad-domain"],
  ["R38", "<u@foreign.example@[192.0.2.1]>", "bad-domain"],
  ["R39", "<u@foreign.example@mx.local.example>", "bad-domain"],
  [
    "R40",
    '<"u@foreign.example"@local.example>',
    'routing-characters "u@foreign.example"@local.example',
  ],
  [
    "R41",
    '<"u@foreign.example"@[192.0.2.1]>',
    'routing-characters "u@foreign.example"@[192.0.2.1]',
  ],
  [
    "R42",
    '<"u%foreign.example"@local.example>',
    "routing-characters u%foreign.example@local.example",
  ],
  ["R43", "<@local.example:u@foreign.example>", "routed u@foreign.example"],
  ["R44", "<@[192.0.2.1]:u@foreign.example>", "routed u@foreign.example"],
  ["R44 over IPv6", "<@[IPv6:2001:db8::1]:u@foreign.example>", "routed u@foreign.example"],
  ["R45", "<@mx.local.example:u@foreign.example>", "routed u@foreign.example"],
  ["R46", "<@local.example,@second.example:u@foreign.example>", "routed u@foreign.example"],
  ["R46 malformed", "<@local.example,second.example:u@foreign.example>", "syntax"],
  ["R46 malformed", "<@local.example u@foreign.example>", "syntax"],
  ["R46 malformed", "<@:u@foreign.example>", "syntax"],
  ["R46 malformed", "<@local.example,:u@foreign.example>", "syntax"],
  ["R46 malformed", "<@local.example:@second.example:u@foreign.example>", "syntax"],
  ["R46 malformed", "<@[192.0.2.1:u@foreign.example>", "syntax"],
  ["R46 malformed", "<@local.example>", "syntax"],
  ["R47", "<foreign.example!u>", "unqualified"],
  [
    "R48",
    "<foreign.example!u@local.example>",
    "routing-characters foreign.example!u@local.example",
  ],
  ["R49", "<foreign.example!u@[192.0.2.1]>", "routing-characters foreign.example!u@[192.0.2.1]"],
  [
    "R50",
    "<foreign.example!u@mx.local.example>",
    "routing-characters foreign.example!u@mx.local.example",
  ],
  ["R51", "<local.example!foreign.example!u>", "unqualified"],
  [
    "R51",
    "<u%foreign.example!x@local.example>",
    "routing-characters u%foreign.example!x@local.example",
  ],
  ["R52", "<u%foreign.example@>", "bad-domain"],
  ["R52", "<u@foreign.example@>", "bad-domain"],
  ["R52", "<u%[foreign.example]@>", "syntax"],
  ["R52", "<u@[foreign.example]@>", "bad-domain"],
  [
    "R53",
    "<IMCEASMTP-u+40foreign.example@local.example>",
    "IMCEASMTP-u+40foreign.example@local.example",
  ],
  [
    "R53",
    '<"IMCEASMTP-u+40foreign.example"@local.example>',
    "IMCEASMTP-u+40foreign.example@local.example",
  ],
  [
    "R54",
    "<SRS0=hhhh=tt=foreign.example=u@local.example>",
    "SRS0=hhhh=tt=foreign.example=u@local.example",
  ],
  ["R55", "<user+u=foreign.example@local.example>", "user+u=foreign.example@local.example"],
  ["R55", "<user+u@foreign.example@local.example>", "bad-domain"],
  ["R57", "<|cmd@local.example>", "routing-characters |cmd@local.example"],
  ["R57", "</etc/x@local.example>", "routing-characters /etc/x@local.example"],
  ["R57", "<../x@local.example>", 'routing-characters "../x"@local.example'],
  ["R57", "<.x@local.example>", 'routing-characters ".x"@local.example'],
  ["R57", "<:include:/x@local.example>", "syntax"],
  ["R57", '<":include:/x"@local.example>', 'routing-characters ":include:/x"@local.example'],
  [
    "R58",
    "<user@local.example> ORCPT=rfc822;u@foreign.example",
    'user@local.example + " ORCPT=rfc822;u@foreign.example"',
  ],
  [
    "R60",
    "<user@local.example>,<u@foreign.example>",
    'user@local.example + ",<u@foreign.example>"',
  ],
  [
    "R60",
    "<user@local.example> <u@foreign.example>",
    'user@local.example + " <u@foreign.example>"',
  ],
  ["R60", "<user@local.example>u@foreign.example", 'user@local.example + "u@foreign.example"'],
  ["R60", "<user@local.example,u@foreign.example>", "bad-domain"],
  ["R61", "<user@local.example", "syntax"],
  ["R62", "(c)<u@foreign.example>", "not-a-path"],
  ["R62", "Name <u@foreign.example>", "not-a-path"],
  ["R62", "<user@local.example(u@foreign.example)>", "bad-domain"],
  ["R62", "<(c)user@local.example>", "syntax"],
  ["R62", "<group:u@foreign.example;>", "syntax"],
  ["R62", "< u@foreign.example>", "syntax"],
  ["R62", "<u@foreign.example >", "bad-domain"],
  ["R62", "<<u@foreign.example>>", "syntax"],
  ["R63", `<u@foreign.example${" ".repeat(300)}@local.example>`, "too-long"],
  ["R63", `<${"u".repeat(65)}@local.example>`, "too-long"],
  ["R64", "<postmaster@foreign.example>", "postmaster@foreign.example"],
  [
    "R64",
    "<postmaster%foreign.example@local.example>",
    "routing-characters postmaster%foreign.example@local.example",
  ],
  ["R65", "<postmaster>", "postmaster"],
  ["R65", "<PostMaster>", "postmaster"],
  ["R65 quoted", '<"postmaster">', "unqualified"],
  ["R66", "<user>", "unqualified"],
  ["R68", "<u@foreign.example@third.example>", "bad-domain"],
  [
    "R68",
    '<"u@foreign.example"@third.example>',
    'routing-characters "u@foreign.example"@third.example',
  ],
  ["R70", "<u@evillocal.example>", "u@evillocal.example"],
  ["R71", "<u@sub.local.example>", "u@sub.local.example"],
  ["R72", "<u@local.example.foreign.example>", "u@local.example.foreign.example"],
  ["R73", "<user@local.example.>", "bad-domain"],
  ["R73", "<user@local.example..>", "bad-domain"],
  ["R73", "<user@.local.example>", "bad-domain"],
  ["R74", "<user@LOCAL.Example>", "user@local.example"],
  ["R78", "<u@xn-->", "bad-domain"],
  ["R78", "<u@xn--a.example>", "bad-domain"],
  ["R79", "<u@127.0.0.1>", "bad-domain"],
  ["R79", "<u@127.1>", "bad-domain"],
  ["R79", "<u@0x7f.1>", "bad-domain"],
  ["R80", "<user@[192.0.2.1]>", "user@[192.0.2.1]"],
  ["R81", "<u@[203.0.113.9]>", "u@[203.0.113.9]"],
  ["R81", "<u@[IPv6:2001:db8::1]>", "u@[IPv6:2001:db8::1]"],
  ["R81", "<u@[ipv6:2001:DB8:0::1]>", "u@[IPv6:2001:db8::1]"],
  ["R81", "<u@[IPv6:::ffff:192.0.2.1]>", "u@[192.0.2.1]"],
  ["R81", "<u@[IPv6:::127.0.0.1]>", "u@[IPv6:::7f00:1]"],
  ["R81", "<u@[ ]>", "bad-domain"],
  ["R81", "<u@[]>", "bad-domain"],
  ["R81", "<u@[192.0.2.1>", "bad-domain"],
  ["R81", "<u@192.0.2.1]>", "bad-domain"],
  ["R81", "<u@[2001:db8::1]>", "bad-domain"],
  ["R81", "<u@[IPv6:192.0.2.1]>", "bad-domain"],
  ["R81", "<u@[IPv6:fe80::1%eth0]>", "bad-domain"],
  ["R81", "<u@[127.1]>", "bad-domain"],
  ["R81", "<u@[0177.0.0.1]>", "bad-domain"],
  ["R81", "<u@[192.0.2.1]x>", "bad-domain"],
  ["R81", "<u@[local.example]>", "bad-domain"],
  ["R81", "<u@[x400:c=de]>", "bad-domain"],
  ["R82", "<u@local.example:25>", "bad-domain"],
  ["R82", "<u@local.example,foreign.example>", "bad-domain"],
  ["R82", "<u@foreign.example;local.example>", "bad-domain"],
  ["R82", "<u@foreign.example#local.example>", "bad-domain"],
  ["R82", "<u@foreign.example/local.example>", "bad-domain"],
  ["R82", "<u@foreign%2eexample>", "bad-domain"],
  ["R82", "<u@foreign.example\\local.example>", "bad-domain"],
];

test("each form of the relay catalogue is read one way only", () => {
  for (const [id, path, expected] of CATALOGUE) assert.equal(read(path), expected, `${id} ${path}`);
});

const INTERNATIONAL: readonly (readonly [string, string, string])[] = [
  ["R75 Cyrillic а", "<u@loc\u0430l.example>", "u@xn--locl-73d.example"],
  ["R76 fullwidth", "<u@ｌocal.example>", "bad-domain"],
  ["R76 U+3002", "<u@local。example>", "bad-domain"],
  ["R76 soft hyphen", "<u@loc\u00adal.example>", "bad-domain"],
  ["R76 Kelvin sign", "<u@\u212Aelvin.example>", "bad-domain"],
  ["R76 dotless i", "<u@\u0131.example>", "u@xn--cfa.example"],
  ["R77 U-label", "<u@bücher.example>", "u@xn--bcher-kva.example"],
  ["R77 A-label", "<u@xn--bcher-kva.example>", "u@xn--bcher-kva.example"],
  ["local part", "<ü@local.example>", "ü@local.example"],
  ["local part, quoted", '<"ü x"@local.example>', '"ü x"@local.example'],
  ["local part, escaped (RFC 6531: ASCII alone can be)", '<"\\ü"@local.example>', "syntax"],
  ["fullwidth @", "<u＠foreign.example@local.example>", "u＠foreign.example@local.example"],
  ["fullwidth percent", "<u％foreign.example@local.example>", "u％foreign.example@local.example"],
  ["fullwidth <postmaster>", "<ｐostmaster>", "unqualified"],
];

test("addresses in UTF-8 need SMTPUTF8, and then mean exactly one domain", () => {
  for (const [id, path, expected] of INTERNATIONAL) {
    assert.equal(read(path, true), expected, id);
    assert.equal(read(path), /[^\0-\x7f]/.test(path) ? "needs-smtputf8" : expected, id);
  }
});

const GRAMMAR: readonly (readonly [string, string])[] = [
  ["", "not-a-path"],
  ["<", "syntax"],
  ["<@>", "syntax"],
  ["<@x>", "syntax"],
  ["<u..v@local.example>", "syntax"],
  ["<u.@local.example>", "syntax"],
  ['<"u"v@local.example>', "syntax"],
  ['<u"v"@local.example>', "syntax"],
  ['<u."v"@local.example>', "syntax"],
  ['<"u@local.example>', "syntax"],
  ['<"u\\"@local.example>', "syntax"],
  ['<"u\\', "syntax"],
  ["<u\\@v@local.example>", "syntax"],
  ["<u,v@local.example>", "syntax"],
  ["<u v@local.example>", "syntax"],
  ["<!#$&'*+-=?^_`{}~@local.example>", "routing-characters !#$&'*+-=?^_`{}~@local.example"],
  // Quotes that are not needed go, those that are stay.
  ['<"u"@local.example>', "u@local.example"],
  ['<"\\u"@local.example>', "u@local.example"],
  ['<"u v"@local.example>', '"u v"@local.example'],
  ['<"u\\"v"@local.example>', '"u\\"v"@local.example'],
  ['<"u\\\\v"@local.example>', '"u\\\\v"@local.example'],
  ['<"u..v"@local.example>', '"u..v"@local.example'],
  ['<">"@local.example>', '">"@local.example'],
  ['<"<>"@local.example>', '"<>"@local.example'],
  ['<""@local.example>', '""@local.example'],
  // The case of a local part is its owner's.
  ["<User@Local.Example>", "User@local.example"],
];

test("the grammar of RFC 5321 4.1.2, and nothing more", () => {
  for (const [path, expected] of GRAMMAR) assert.equal(read(path), expected, path);
});

test("a path may begin anywhere", () => {
  const result = parsePath("TO:<u@local.example> X", 3, false);
  assert.equal(result.kind === "address" ? result.end : -1, 20);
  assert.equal(parsePath("TO:<u@local.example>", 0, false).kind, "fault");
});

test("lengths: 64 octets before the @, 256 in all, on the wire and in the form that we write", () => {
  const local = "u".repeat(64);
  assert.equal(read(`<${local}@local.example>`), `${local}@local.example`);
  assert.equal(read(`<${local}u@local.example>`), "too-long");
  assert.equal(read(`<${"ü".repeat(32)}@local.example>`, true), `${"ü".repeat(32)}@local.example`);
  assert.equal(read(`<${"ü".repeat(33)}@local.example>`, true), "too-long");
  const domain = `${"a.".repeat(122)}example`; // 251 octets
  assert.equal(read(`<uv@${domain}>`), `uv@${domain}`);
  assert.equal(read(`<uvw@${domain}>`), "too-long");
  // Without quotes it would fit.
  assert.equal(
    read(`<.${"u".repeat(61)}@local.example>`),
    `routing-characters ".${"u".repeat(61)}"@local.example`,
  );
  assert.equal(read(`<.${"u".repeat(62)}@local.example>`), "too-long");
  // In U-labels it would fit.
  assert.equal(read(`<${local}@${"ü.".repeat(24)}example>`, true), "too-long");
});

const atext = "abzAZ019!#$%&'*+-/=?^_`{|}~.";
const quotedOnly = '"\\ <>@(),:;[]';
const anyChar = fc.constantFrom(
  ...(atext + quotedOnly).split(""),
  "ü",
  "é",
  "一",
  "💩",
  "\u0301",
  "\u212a",
);
const localPart = fc.array(anyChar, { maxLength: 30 }).map((chars) => chars.join(""));
const host = fc.constantFrom(
  "local.example",
  "xn--bcher-kva.example",
  "[192.0.2.1]",
  "[IPv6:2001:db8::1]",
);

/** Quoted as a client might: with or without need, escaping what must be and some that need not. */
function wire(local: string, escapeAll: boolean): string {
  const escaped = Array.from(local, (char) =>
    /["\\]/.test(char) || (escapeAll && /[ -~]/.test(char)) ? `\\${char}` : char,
  );
  return `"${escaped.join("")}"`;
}

test("what is written is read as the same address, whatever its local part", () => {
  fc.assert(
    fc.property(localPart, host, fc.boolean(), (local, at, escapeAll) => {
      const address = parseAddress(`${wire(local, escapeAll)}@${at}`);
      fc.pre(address !== "too-long");
      if (typeof address === "string") return assert.fail(`${address}: ${local}`);
      assert.equal(address.local, local);
      assert.deepEqual(parseAddress(formatAddress(address)), address);
      const again = parsePath(formatForwardPath(address), 0, true);
      assert.deepEqual(again.kind === "address" ? again.address : again, address);
    }),
    { numRuns: 500 },
  );
});

const pathLike = fc
  .array(
    fc.constantFrom(
      ...'< > @ : , " \\ . % ! [ ] u é . postmaster @local.example IPv6: 127.0.0.1 xn-- ü.example'.split(
        " ",
      ),
      " ",
    ),
    { maxLength: 14 },
  )
  .map((parts) => `<${parts.join("")}>`);

test("any text: no exception, the end is behind a '>', and an address read is an address written", () => {
  fc.assert(
    fc.property(
      fc.oneof(pathLike, fc.string({ maxLength: 40 })),
      fc.boolean(),
      (text, smtputf8) => {
        const result = parsePath(text, 0, smtputf8);
        if (result.kind === "fault") return;
        assert.equal(text[result.end - 1], ">");
        if (result.kind !== "address") return;
        assert.deepEqual(parseAddress(formatAddress(result.address)), result.address);
        if (!smtputf8) assert.match(formatAddress(result.address), /^[\x20-\x7e]+$/);
      },
    ),
    { numRuns: 1000 },
  );
});

test("policy decides on the domain that goes out on the wire", () => {
  fc.assert(
    fc.property(pathLike, (text) => {
      const result = parsePath(text, 0, true);
      if (result.kind !== "address" || result.address.host.kind !== "domain") return;
      const written = formatAddress(result.address);
      const domain = written.slice(written.lastIndexOf("@") + 1);
      assert.equal(domain, result.address.host.domain);
      assert.equal(parseDomain(domain), domain);
    }),
    { numRuns: 1000 },
  );
});

const LONG = 4000;
const HOSTILE: readonly string[] = [
  "<".repeat(LONG),
  `<${"a".repeat(LONG)}`,
  `<${"a.".repeat(LONG / 2)}>`,
  `<${"a.".repeat(LONG / 2)}!@x>`,
  `<"${"\\".repeat(LONG)}">`,
  `<"${'\\"'.repeat(LONG / 2)}`,
  `<${'"'.repeat(LONG)}>`,
  `<${"@a,".repeat(LONG / 3)}:u@x>`,
  `<@${":".repeat(LONG)}>`,
  `<@${"[".repeat(LONG)}>`,
  `<u@${"a.".repeat(LONG / 2)}>`,
  `<u@${"-".repeat(LONG)}>`,
  `<u@[${":".repeat(LONG)}]>`,
  `<u@[IPv6:${"0:".repeat(LONG / 2)}]>`,
  `<u@xn--${"a".repeat(LONG)}>`,
  `<u@${"ü".repeat(LONG)}>`,
  `<${"\u0301".repeat(LONG)}@x>`,
  `<${"@".repeat(LONG)}>`,
];

/** Time is not measured: what is too long is refused for its length, before anything but a search for its end saw it. */
test("hostile paths of 4000 characters are faults, by their length alone where they have an end", () => {
  for (const path of HOSTILE) {
    const result = parsePath(path, 0, true);
    assert.equal(result.kind, "fault", path.slice(0, 20));
    const closed = /^<[^"]*>$/.test(path);
    if (closed) assert.deepEqual(result, { kind: "fault", fault: "too-long" }, path.slice(0, 20));
  }
});

test("an administrator's address: no brackets, no control characters, no length without end", () => {
  const faults: readonly (readonly [string, PathFault])[] = [
    ["user", "unqualified"],
    ["<user@local.example>", "syntax"],
    ["user@local.example\r\n", "syntax"],
    ["user\0@local.example", "syntax"],
    ["user\u007f@local.example", "syntax"],
    ["", "syntax"],
    ["@local.example", "syntax"],
    ["user@", "bad-domain"],
    [`${"u".repeat(65)}@local.example`, "too-long"],
    [`u@${"a.".repeat(200)}example`, "too-long"],
  ];
  for (const [text, fault] of faults) {
    assert.equal(parseAddress(text), fault, JSON.stringify(text));
    assert.notEqual(faultText(fault), "");
  }
});

function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (typeof parsed === "string") throw new Error(`${text}: ${parsed}`);
  return parsed;
}

test("paths on the wire", () => {
  assert.equal(formatReversePath(null), "<>");
  assert.equal(formatReversePath(addressOf("U@Local.example")), "<U@local.example>");
  assert.equal(formatForwardPath("postmaster"), "<postmaster>");
  assert.equal(
    formatForwardPath(addressOf('"a b"@[IPv6:2001:db8::1]')),
    '<"a b"@[IPv6:2001:db8::1]>',
  );
  assert.equal(formatLocalPart("a.b"), "a.b");
  assert.equal(formatLocalPart('a"\\'), '"a\\"\\\\"');
});

test("a local part is looked up without the case of ASCII letters and the composition of others", () => {
  assert.equal(localKey("USER.Name"), "user.name");
  assert.equal(localKey("u\u0308"), localKey("\u00fc"));
  // Canonical equivalents are one character (U+212A is K); compatibility forms are not.
  assert.equal(localKey("\u212a"), "k");
  assert.notEqual(localKey("ｋ"), "k");
  assert.notEqual(localKey("Ü"), localKey("ü"));
  assert.equal(journalKey(addressOf('"User X"@Local.example')), "user x@local.example");
  assert.equal(journalKey(addressOf("User@[192.0.2.1]")), "user@[192.0.2.1]");
});

test("routing characters: percent, bang, at, slash, pipe, leading dot (relay catalogue R30 to R57)", () => {
  for (const local of ["a%b", "a!b", "a@b", "a/b", "a|b", ".a", "."])
    assert.equal(hasRoutingCharacters(local), true, local);
  for (const local of ["a", "a.b", "a+b", "a=b", "a-b", "a b", "a:b", "a\\b", ""])
    assert.equal(hasRoutingCharacters(local), false, local);
});

test("address literals stand in brackets and say their family", () => {
  assert.equal(readLiteral("[192.0.2.1]"), "192.0.2.1");
  assert.equal(readLiteral("[IPv6:2001:DB8::1]"), "2001:db8::1");
  for (const text of [
    "192.0.2.1",
    "[192.0.2.1",
    "[2001:db8::1]",
    "[IPv6:192.0.2.1]",
    "[IPv6:::1%1]",
    "[",
    "[]",
  ])
    assert.equal(readLiteral(text), undefined, text);
});
