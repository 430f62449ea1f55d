/** The trace fields to the letter: RFC 5321 §4.4, protocol names of RFC 3848 and RFC 6531. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { messageId, parseIp } from "../../../src/mail/index.ts";
import { traceHead, type Trace } from "../../../src/service/receive/trace.ts";
import { recipientAsk, reversePathOf, SESSION } from "./desk-bench.ts";

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

function trace(change: Partial<Trace> & { readonly address?: string } = {}): string {
  const ip = parseIp(change.address ?? "192.0.2.9");
  assert.ok(ip !== undefined);
  const plain: Trace = {
    reversePath: reversePathOf("sender@foreign.example"),
    helo: { verb: "EHLO", name: "client.example" },
    ip,
    hostname: "mx.local.example",
    loggedIn: false,
    smtputf8: false,
    id: messageId(SESSION, 1),
    at: Date.UTC(2026, 10, 5, 6, 7, 8),
  };
  return Buffer.from(traceHead({ ...plain, ...change }).head).toString();
}

function recipient(path: string): Pick<Trace, "onlyRecipient"> {
  return { onlyRecipient: recipientAsk(path).forwardPath };
}

const BY = "\tby mx.local.example with";
const ID = `\r\n\tid 000000000000-1`;
const DATE = ";\r\n\tThu, 05 Nov 2026 06:07:08 +0000\r\n";
const FROM =
  "Return-Path: <sender@foreign.example>\r\nReceived: from client.example ([192.0.2.9])\r\n";

const FIELDS: readonly { is: string; change: Parameters<typeof trace>[0]; fields: string }[] = [
  { is: "EHLO", change: {}, fields: `${FROM}${BY} ESMTP${ID}${DATE}` },
  {
    is: "HELO",
    change: { helo: { verb: "HELO", name: "client.example" } },
    fields: `${FROM}${BY} SMTP${ID}${DATE}`,
  },
  {
    is: "TLS",
    change: { tls: TLS },
    fields: `${FROM}${BY} ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)${ID}${DATE}`,
  },
  {
    is: "HELO after STARTTLS",
    change: { tls: TLS, helo: { verb: "HELO", name: "client.example" } },
    fields: `${FROM}${BY} ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)${ID}${DATE}`,
  },
  {
    is: "a login over TLS",
    change: { tls: TLS, loggedIn: true },
    fields: `${FROM}${BY} ESMTPSA (TLSv1.3 TLS_AES_256_GCM_SHA384)${ID}${DATE}`,
  },
  {
    is: "a login after HELO, which RFC 3848 has no name for",
    change: { loggedIn: true, helo: { verb: "HELO", name: "client.example" } },
    fields: `${FROM}${BY} ESMTPA${ID}${DATE}`,
  },
  {
    is: "a login, TLS and SMTPUTF8",
    change: { smtputf8: true, tls: TLS, loggedIn: true },
    fields: `${FROM}${BY} UTF8SMTPSA (TLSv1.3 TLS_AES_256_GCM_SHA384)${ID}${DATE}`,
  },
  { is: "SMTPUTF8", change: { smtputf8: true }, fields: `${FROM}${BY} UTF8SMTP${ID}${DATE}` },
  {
    is: "SMTPUTF8 over TLS",
    change: { smtputf8: true, tls: TLS },
    fields: `${FROM}${BY} UTF8SMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)${ID}${DATE}`,
  },
  {
    is: "one recipient",
    change: recipient("User+tag@Local.example"),
    fields: `${FROM}${BY} ESMTP${ID}\r\n\tfor <User+tag@local.example>${DATE}`,
  },
  {
    is: "postmaster alone",
    change: recipient("postmaster"),
    fields: `${FROM}${BY} ESMTP${ID}\r\n\tfor <postmaster>${DATE}`,
  },
  {
    is: "IPv6",
    change: { address: "2001:DB8::1" },
    fields: `${FROM.replace("[192.0.2.9]", "[IPv6:2001:db8::1]")}${BY} ESMTP${ID}${DATE}`,
  },
  {
    is: "a mapped address",
    change: { address: "::ffff:192.0.2.9" },
    fields: `${FROM}${BY} ESMTP${ID}${DATE}`,
  },
  {
    is: "null reverse-path",
    change: { reversePath: null },
    fields: `${FROM.replace("sender@foreign.example", "")}${BY} ESMTP${ID}${DATE}`,
  },
  {
    is: "quoted and international addresses",
    change: {
      reversePath: reversePathOf('"ü ü"@bücher.example'),
      ...recipient("é@local.example"),
      smtputf8: true,
    },
    fields: `${FROM.replace("sender@foreign.example", '"ü ü"@xn--bcher-kva.example')}${BY} UTF8SMTP${ID}\r\n\tfor <é@local.example>${DATE}`,
  },
];

test("Return-Path and Received are written as RFC 5321 4.4 has them", () => {
  for (const { is, change, fields } of FIELDS) assert.equal(trace(change), fields, is);
});

const NAMES: readonly (readonly [string, string])[] = [
  ["client.example", "client.example"],
  ["CLIENT.example", "CLIENT.example"],
  ["[192.0.2.1]", "[192.0.2.1]"],
  ["[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"],
  ["localhost", "localhost"],
  ["my_host", "my_host"],
  ["127.0.0.1", "127.0.0.1"],
  ["x (by mx.local.example)", "x??by?mx.local.example?"],
  ["x;Thu,", "x?Thu?"],
  ["[1.2.3.4", "?1.2.3.4"],
  ["<u@foreign.example>", "?u?foreign.example?"],
  ['"x\\', "?x?"],
  ["x\r\nBcc: y", "x??Bcc:?y"],
  ["bücher.example", "b?cher.example"],
  ["ｌocal", "?ocal"],
  ["", "unknown"],
];

test("what the client calls itself cannot end a clause, open a comment or begin a line", () => {
  for (const [name, written] of NAMES) {
    const [, from] = trace({ helo: { verb: "EHLO", name } }).split("\r\n");
    assert.equal(from, `Received: from ${written} ([192.0.2.9])`, name);
  }
});

const anyName = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units));

test("any name leaves the fields with the lines that they should have", () => {
  const shape = trace().split("\r\n").length;
  fc.assert(
    fc.property(anyName, (name) => {
      const lines = trace({ helo: { verb: "EHLO", name } }).split("\r\n");
      assert.equal(lines.length, shape);
      assert.match(lines[1] ?? "", /^Received: from [A-Za-z0-9._:?[\]-]+ \(\[192\.0\.2\.9\]\)$/);
    }),
  );
});
