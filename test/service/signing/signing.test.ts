/** Signatures verify whatever the message looks like, and stop doing so when something that a reader sees is changed. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { RelaxedBody } from "../../../src/service/signing/relaxed-body.ts";
import { SIGNED_FIELDS_LIMIT } from "../../../src/service/signing/signed-fields.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { asItLeaves } from "./as-it-leaves.ts";
import { HOSTILE } from "./hostile.ts";
import { DOMAIN, KEYS, RECORDS, signed, SIGNING } from "./site.ts";
import { bodyHash, verifyMessage } from "./verifier.ts";

const LETTER =
  "From: Ann <ann@example.org>\r\nTo: bob@abroad.example\r\nSubject: Hi\r\n\r\nHello.\r\n";

function isWhole(message: Uint8Array): boolean {
  const verified = verifyMessage(message, RECORDS).filter(({ domain }) => domain === DOMAIN);
  return verified.length === KEYS.length && verified.every((one) => one.bodyHash && one.signature);
}

for (const [name, message] of HOSTILE)
  test(`verifies as it leaves: ${name}`, async () => {
    for (const sliceOctets of [1, 3, 1000, 100_000])
      assert.ok(isWhole(asItLeaves(await signed(message, sliceOctets))), `${sliceOctets}`);
  });

test("what a reader sees cannot be changed or added to", async () => {
  const text = Buffer.from(await signed(Buffer.from(LETTER))).toString();
  assert.ok(isWhole(Buffer.from(text)));
  const forgeries = [
    text.replace("Hello", "Hullo"),
    `${text}More.\r\n`,
    text.replace("Subject: Hi", "Subject: Ho"),
    ...["From: eve@example.net", "Subject: Hey", "To: eve@example.net"].flatMap((field) => [
      `${field}\r\n${text}`,
      text.replace("\r\n\r\nHello", `\r\n${field}\r\n\r\nHello`),
    ]),
  ];
  for (const forgery of forgeries) assert.ok(!isWhole(Buffer.from(forgery)), forgery);
});

test("a field that the message lacks may still be added on the way", async () => {
  const message = Buffer.from(await signed(Buffer.from(LETTER)));
  const added = Buffer.concat([Buffer.from("Reply-To: ann@example.org\r\n"), message]);
  assert.ok(isWhole(added));
});

test("the field names the domain, both keys, From once more than it is there, and neither l= nor x=", async () => {
  const text = Buffer.from(await signed(Buffer.from(LETTER))).toString();
  const verified = verifyMessage(Buffer.from(text), RECORDS);
  assert.deepEqual(
    verified.map(({ selector }) => selector),
    ["gp202611r", "gp202611e"],
  );
  for (const { domain, fields } of verified) {
    assert.equal(domain, "example.org");
    assert.deepEqual(fields, ["From", "From", "To", "To", "Subject", "Subject"]);
  }
  const head = text.slice(0, text.indexOf("From: Ann"));
  assert.doesNotMatch(head, /[\s;][lx]=/);
  for (const line of head.split("\r\n")) assert.ok(line.length <= 78, line);
});

test("no signature where it would say nothing clear", async () => {
  const fields = "To: x@abroad.example\r\n".repeat(SIGNED_FIELDS_LIMIT);
  const unclear = [
    "To: bob@abroad.example\r\n\r\nno From",
    "From: ann@example.org\r\nFrom: eve@example.org\r\n\r\ntwo of them",
    " From: ann@example.org\r\n\r\nno header section",
    `From: ann@example.org\r\n${fields}\r\ntoo many`,
  ];
  for (const text of unclear)
    assert.equal(Buffer.from(await signed(Buffer.from(text))).toString(), text);
  const most = `From: ann@example.org\r\n${fields.slice(fields.indexOf("\n") + 1)}\r\njust so many`;
  assert.ok(isWhole(await signed(Buffer.from(most))));
});

test("a domain without keys signs nothing", () => {
  assert.equal(SIGNING.open(domainOf("abroad.example")), undefined);
});

test("a body is hashed as if it came in one piece, whatever is in it", () => {
  const piece = fc.constantFrom(" ", "\t", "  ", "\r\n", "\r\n\r\n", "a", "word", "é", ".");
  const slices = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), slices, (pieces, sizes) => {
      const body = Buffer.from(pieces.join(""));
      assert.equal(hashOf(body, sizes), bodyHash(body.toString("latin1")));
    }),
    { numRuns: 2000 },
  );
});

test("a thousand empty lines count once something follows them", () => {
  for (const lines of [1, 2, 511, 512, 513, 1025]) {
    const body = Buffer.from(`a${"\r\n".repeat(lines)}b\r\n`);
    assert.equal(hashOf(body, [7]), bodyHash(body.toString()));
  }
});

/** The hash of what `RelaxedBody` makes of the body, in slices of these sizes in turn. */
function hashOf(body: Uint8Array, sizes: readonly number[]): string {
  const parts: Uint8Array[] = [];
  const relaxed = new RelaxedBody((slice) => parts.push(slice.slice()));
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    relaxed.write(body.subarray(at, at + size));
    at += size;
  }
  relaxed.end();
  return createHash("sha256").update(Buffer.concat(parts)).digest("base64");
}
