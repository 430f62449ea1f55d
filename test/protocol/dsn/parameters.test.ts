/** The parameters of RFC 3461 and RFC 6533: what is one, what is none, and that writing undoes reading. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  ENVELOPE_ID_LIMIT,
  formatEnvelopeId,
  formatOriginalRecipient,
  notifyWords,
  ORIGINAL_RECIPIENT_LIMIT,
  originalRecipientOf,
  readEnvelopeId,
  readNotify,
  readOriginalRecipient,
  readReturn,
} from "../../../src/protocol/dsn/index.ts";

const printable = fc.stringMatching(/^[\x20-\x7e]{1,30}$/);
const unicode = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));

describe("NOTIFY", () => {
  test("is NEVER or a list of the others, each once, in any case and order", () => {
    const never = { success: false, failure: false, delay: false };
    const cases = [
      ["NEVER", never],
      ["never", never],
      ["SUCCESS", { ...never, success: true }],
      ["Failure", { ...never, failure: true }],
      ["DELAY", { ...never, delay: true }],
      ["DELAY,FAILURE", { ...never, delay: true, failure: true }],
      ["delay,success,FAILURE", { success: true, failure: true, delay: true }],
    ] as const;
    for (const [value, meaning] of cases) assert.deepEqual(readNotify(value), meaning, value);
  });

  test("is nothing else", () => {
    for (const value of [
      "",
      "NEVER,FAILURE",
      "FAILURE,NEVER",
      "NEVER,NEVER",
      "FAILURE,FAILURE",
      "FAILURE,failure",
      "FAILURE,",
      ",FAILURE",
      "FAILURE, DELAY",
      "FAILURE DELAY",
      "FAILURES",
      "FA\u0131LURE",
    ])
      assert.equal(readNotify(value), undefined, value);
  });

  test("is written as it is read", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        ([success, failure, delay]) => {
          const notify = { success, failure, delay };
          assert.deepEqual(readNotify(notifyWords(notify).join(",")), notify);
        },
      ),
    );
    assert.deepEqual(notifyWords({ success: true, failure: true, delay: true }), [
      "SUCCESS",
      "FAILURE",
      "DELAY",
    ]);
  });
});

test("RET is FULL or HDRS", () => {
  assert.equal(readReturn("FULL"), "FULL");
  assert.equal(readReturn("hdrs"), "HDRS");
  for (const value of ["", "BODY", "FULL ", "FULL,HDRS"])
    assert.equal(readReturn(value), undefined);
});

describe("ENVID", () => {
  test("is xtext", () => {
    assert.equal(readEnvelopeId("QQ314159"), "QQ314159");
    assert.equal(readEnvelopeId("a+20b+2Bc+3Dd"), "a b+c=d");
    assert.equal(readEnvelopeId("+41"), "A");
    assert.equal(readEnvelopeId("x".repeat(ENVELOPE_ID_LIMIT))?.length, ENVELOPE_ID_LIMIT);
    for (const value of [
      "",
      "x".repeat(ENVELOPE_ID_LIMIT + 1),
      "a b",
      "a=b",
      "a+",
      "a+2",
      "a+2b", // digits are upper case
      "a+GG",
      "+0D+0A",
      "+00",
      "+7F",
      "+E9",
      "é",
    ])
      assert.equal(readEnvelopeId(value), undefined, value);
  });

  test("is written as it is read", () => {
    fc.assert(
      fc.property(printable, (id) => {
        const written = formatEnvelopeId(id);
        assert.match(written, /^[\x21-\x3c\x3e-\x7e]+$/);
        assert.equal(readEnvelopeId(written), id);
      }),
    );
    assert.throws(() => formatEnvelopeId("é"), RangeError);
  });
});

describe("ORCPT", () => {
  test("is a type and an address in xtext", () => {
    const read = (value: string) => readOriginalRecipient(value, false);
    assert.deepEqual(read("rfc822;anna+2Blist@foreign.example"), {
      type: "rfc822",
      address: "anna+list@foreign.example",
    });
    assert.deepEqual(read("RFC822;a;b"), { type: "rfc822", address: "a;b" });
    assert.deepEqual(read("x400;/G+3DAnna/"), { type: "x400", address: "/G=Anna/" });
    for (const value of [
      "",
      ";",
      "rfc822",
      "rfc822;",
      ";anna@foreign.example",
      "rfc 822;anna@foreign.example",
      "rfc822;anna+0D+0ABcc:x@foreign.example",
      "rfc822;\\x{E9}\u00e9",
      `rfc822;${"x".repeat(ORIGINAL_RECIPIENT_LIMIT)}`,
    ])
      assert.equal(read(value), undefined, value);
  });

  test("of the type utf-8 is xtext of its own kind, and letters where SMTPUTF8 is", () => {
    const cases: readonly (readonly [string, string | undefined, string | undefined])[] = [
      // value, its meaning without SMTPUTF8, with it
      ["utf-8;anna@foreign.example", "anna@foreign.example", "anna@foreign.example"],
      ["UTF-8;\\x{E9}t\\x{E9}@x.example", "été@x.example", "été@x.example"],
      ["utf-8;\\x{1F600}\\x{10FFFD}", "\u{1f600}\u{10fffd}", "\u{1f600}\u{10fffd}"],
      ["utf-8;a\\x{20}b\\x{2B}\\x{3D}\\x{5C}", "a b+=\\", "a b+=\\"],
      ["utf-8;été", undefined, "été"],
      ["utf-8;\u{1f600}", undefined, "\u{1f600}"],
      ["utf-8;a+20b", undefined, undefined],
      ["utf-8;a\\b", undefined, undefined],
      ["utf-8;\\x{e9}", undefined, undefined],
      ["utf-8;\\x{41}", undefined, undefined], // "A" has one way to be written
      ["utf-8;\\x{0D}\\x{0A}", undefined, undefined],
      ["utf-8;\\x{7F}", undefined, undefined],
      ["utf-8;\\x{9B}", undefined, undefined], // a terminal's control
      ["utf-8;\u009b", undefined, undefined],
      ["utf-8;\\x{00E9}", undefined, undefined],
      ["utf-8;\\x{D800}", undefined, undefined],
      ["utf-8;\\x{D83D}\\x{DE00}", undefined, undefined], // two halves make no whole here
      ["utf-8;\\x{110000}", undefined, undefined],
      ["utf-8;\ud800", undefined, undefined],
      ["utf-8;", undefined, undefined],
    ];
    for (const [value, ascii, international] of cases) {
      assert.equal(readOriginalRecipient(value, false)?.address, ascii, value);
      assert.equal(readOriginalRecipient(value, true)?.address, international, value);
    }
  });

  test("is written in ASCII, and as it is read", () => {
    fc.assert(
      fc.property(fc.oneof(printable, unicode), (address) => {
        const recipient = originalRecipientOf(address);
        const written = formatOriginalRecipient(recipient);
        assert.match(written, /^[\x21-\x3c\x3e-\x7e]+$/);
        if (written.length > ORIGINAL_RECIPIENT_LIMIT) return;
        assert.deepEqual(readOriginalRecipient(written, false), recipient);
        assert.deepEqual(readOriginalRecipient(written, true), recipient);
      }),
      { numRuns: 1000 },
    );
  });
});

test("any value is read or not, and what is read has no controls", () => {
  const hostile = fc
    .array(
      fc.constantFrom(
        "utf-8;",
        "rfc822;",
        "\\x{",
        "}",
        "+",
        "0D",
        "9B",
        "20",
        "é",
        "a",
        "\r\n",
        "\0",
        "\ud800",
      ),
      {
        maxLength: 12,
      },
    )
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(hostile, fc.boolean(), (value, smtputf8) => {
      const read = [readOriginalRecipient(value, smtputf8)?.address, readEnvelopeId(value)];
      for (const text of read) assert.doesNotMatch(text ?? "", /[\p{Cc}\p{Cs}]/u);
    }),
    { numRuns: 2000 },
  );
});
