/** The PROXY header's parser: what it takes, what it refuses, and that neither depends on how octets arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseProxyHeader } from "../../src/net/index.ts";

/** The result in one line. */
function read(bytes: Uint8Array): string {
  const header = parseProxyHeader(bytes);
  switch (header.kind) {
    case "more":
      return "more";
    case "malformed":
      return "malformed";
    case "local":
      return `local ${header.octets}`;
    case "client":
      return `${header.ip} ${header.port} ${header.octets}`;
  }
}

const LONGEST =
  "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";

const VERSION_1: readonly (readonly [string, string])[] = [
  ["PROXY TCP4 192.0.2.9 192.0.2.1 4711 25\r\n", "192.0.2.9 4711 40"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 0 25\r\nEHLO x\r\n", "192.0.2.9 0 37"],
  ["PROXY TCP6 2001:DB8::9 2001:db8::1 65535 25\r\n", "2001:db8::9 65535 45"],
  ["PROXY TCP6 ::ffff:192.0.2.9 ::ffff:192.0.2.1 1 2\r\n", "192.0.2.9 1 50"],
  [LONGEST, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 104"],
  ["PROXY UNKNOWN\r\n", "local 15"],
  ["PROXY UNKNOWN ffff::1 ffff::2 1 2\r\nEHLO", "local 35"],
  ["", "more"],
  ["PROX", "more"],
  ["PROXY ", "more"],
  ["PROXY TCP4 192.0.2.9", "more"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 4711 25\r", "more"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 4711 25\n", "malformed"],
  ["PROXY\r\n", "malformed"],
  ["PROXY \r\n", "malformed"],
  ["PROXY TCP4\r\n", "malformed"],
  ["proxy TCP4 192.0.2.9 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY tcp4 192.0.2.9 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY UDP4 192.0.2.9 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP4  192.0.2.9 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 4711\r\n", "malformed"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 4711 25 x\r\n", "malformed"],
  ["PROXY TCP4 2001:db8::9 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP6 192.0.2.9 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP4 127.1 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP4 0300.0.0.1 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP4 x 192.0.2.1 4711 25\r\n", "malformed"],
  ["PROXY TCP6 fe80::9%eth0 fe80::1 4711 25\r\n", "malformed"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 65536 25\r\n", "malformed"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 -1 25\r\n", "malformed"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1 1e3 25\r\n", "malformed"],
  ["PROXY TCP4 192.0.2.9 192.0.2.1  25\r\n", "malformed"],
  [`PROXY UNKNOWN ${"x".repeat(91)}\r\n`, "local 107"],
  [`PROXY UNKNOWN ${"x".repeat(92)}\r\n`, "malformed"],
  [`PROXY UNKNOWN ${"x".repeat(93)}`, "malformed"],
  ["EHLO client.example\r\n", "malformed"],
  ["\n", "malformed"],
];

test("version 1", () => {
  for (const [text, expected] of VERSION_1)
    assert.equal(read(Buffer.from(text, "latin1")), expected, text);
});

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const V4 = "c0000209c000020112670019"; // 192.0.2.9 to 192.0.2.1, 4711 to 25
const V6 = "20010db8000000000000000000000009 20010db8000000000000000000000001 12670019".replaceAll(
  " ",
  "",
);
const MAPPED =
  "00000000000000000000ffffc0000209 00000000000000000000ffffc0000201 12670019".replaceAll(" ", "");

/** A header of version 2: version and command, family, addresses and whatever else as hex. */
function v2(command: string, family: string, body: string, length = body.length / 2): Buffer {
  return Buffer.from(
    `${SIGNATURE}${command}${family}${length.toString(16).padStart(4, "0")}${body}`,
    "hex",
  );
}

const VERSION_2: readonly (readonly [string, Buffer, string])[] = [
  ["IPv4", v2("21", "11", V4), "192.0.2.9 4711 28"],
  ["IPv6", v2("21", "21", V6), "2001:db8::9 4711 52"],
  ["a mapped address", v2("21", "21", MAPPED), "192.0.2.9 4711 52"],
  ["TLVs behind", v2("21", "11", `${V4}030004a1b2c3d4`), "192.0.2.9 4711 35"],
  ["the longest", v2("21", "11", V4 + "00".repeat(508)), "192.0.2.9 4711 536"],
  ["LOCAL", v2("20", "00", ""), "local 16"],
  ["LOCAL with addresses", v2("20", "11", V4), "local 28"],
  ["too long", v2("21", "11", V4, 521), "malformed"],
  ["a length that cannot be waited for", v2("21", "11", V4, 65_535), "malformed"],
  ["addresses cut off by the length", v2("21", "11", V4.slice(0, 22)), "malformed"],
  ["IPv6 addresses cut off", v2("21", "21", V6.slice(0, 70)), "malformed"],
  ["no family", v2("21", "00", ""), "malformed"],
  ["UDP", v2("21", "12", V4), "malformed"],
  ["a Unix socket", v2("21", "31", "00".repeat(216)), "malformed"],
  ["version 1 in version 2", v2("11", "11", V4), "malformed"],
  ["version 3", v2("31", "11", V4), "malformed"],
  ["an unknown command", v2("22", "11", V4), "malformed"],
  ["a broken signature", Buffer.from("0d0a0d0a000d0a515549540b2111000c", "hex"), "malformed"],
  ["one octet less", v2("21", "11", V4).subarray(0, 27), "more"],
  ["the signature alone", Buffer.from(SIGNATURE, "hex"), "more"],
  ["the first octet", Buffer.from("0d", "hex"), "more"],
];

test("version 2", () => {
  for (const [what, bytes, expected] of VERSION_2) assert.equal(read(bytes), expected, what);
});

const anything = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .uint8Array({ maxLength: 80 })
    .map((tail) => Buffer.concat([Buffer.from(SIGNATURE, "hex"), tail])),
  fc.uint8Array({ maxLength: 40 }).map((tail) => Buffer.concat([Buffer.from("PROXY TCP4 "), tail])),
  fc.constantFrom(
    ...VERSION_1.map(([text]) => Buffer.from(text, "latin1")),
    ...VERSION_2.map(([, bytes]) => bytes),
  ),
);

test("any octets: no exception, and what is counted as header is there", () => {
  fc.assert(
    fc.property(anything, (bytes) => {
      const header = parseProxyHeader(bytes);
      if ("octets" in header) assert.ok(header.octets > 0 && header.octets <= bytes.length);
    }),
    { numRuns: 1000 },
  );
});

test("octet by octet the result is the same, and comes with the first octet that decides", () => {
  fc.assert(
    fc.property(anything, (bytes) => {
      const whole = read(bytes);
      for (let length = 0; length <= bytes.length; length++) {
        const soFar = read(bytes.subarray(0, length));
        if (soFar === "more") continue;
        assert.equal(soFar, whole);
        return;
      }
      assert.equal(whole, "more");
    }),
    { numRuns: 1000 },
  );
});
