/** Framing of content: what ends it, what is a fault, and that chunks make no difference. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  CountedReader,
  DotReader,
  DotWriter,
  octetsOf,
  SkippingReader,
  type ContentReader,
  type ContentResult,
} from "../../../src/protocol/dialogue/index.ts";
import { crlfText, cut, cuts, framing } from "./chunks.ts";

interface Reading {
  readonly result: ContentResult["kind"];
  readonly fault: string;
  readonly content: string;
  /** Octets up to the end mark, over all chunks. */
  readonly consumed: number;
}

function readAll(reader: ContentReader, chunks: readonly Uint8Array[]): Reading {
  const slices: Uint8Array[] = [];
  let consumed = 0;
  for (const chunk of chunks) {
    const result = reader.read(chunk, (slice) => {
      assert.notEqual(slice.length, 0);
      assert.equal(slice.buffer, chunk.buffer, "a slice is a view, not a copy");
      slices.push(slice);
    });
    consumed += result.kind === "end" ? result.consumed : chunk.length;
    if (result.kind === "fault")
      return { result: "fault", fault: result.fault, content: "", consumed: 0 };
    if (result.kind === "end")
      return { result: "end", fault: "", content: latin(slices), consumed };
  }
  return { result: "more", fault: "", content: latin(slices), consumed };
}

const latin = (slices: readonly Uint8Array[]): string => Buffer.concat(slices).toString("latin1");

const readData = (text: string): Reading => readAll(new DotReader(), [octetsOf(text)]);

/** The definition of RFC 5321 §4.5.2, slow and by regular expressions, to hold the reader against. */
function dataByDefinition(text: string): Reading {
  const more = { fault: "", content: "", consumed: 0 };
  // A lone CR at the end of what came so far may still become a line end.
  const bad = /\0|\r(?!\n|$)|(?<!\r)\n/.exec(text);
  const end = `\r\n${text}`.indexOf("\r\n.\r\n");
  if (end >= 0 && (bad === null || bad.index >= end + 3)) {
    const content = text.slice(0, end).replace(/^\./, "").replaceAll("\r\n.", "\r\n");
    return { result: "end", fault: "", content, consumed: end + 3 };
  }
  return bad === null ? { ...more, result: "more" } : { ...more, result: "fault" };
}

describe("DotReader", () => {
  test("agrees with the definition, for any octets", () => {
    fc.assert(
      fc.property(framing, (octets) => {
        const text = latin([octets]);
        const expected = dataByDefinition(text);
        const actual = readData(text);
        assert.equal(actual.result, expected.result);
        if (actual.result !== "end") return;
        assert.equal(actual.content, expected.content);
        assert.equal(actual.consumed, expected.consumed);
      }),
      { numRuns: 5000 },
    );
  });

  test("any chunking gives the same result", () => {
    fc.assert(
      fc.property(framing, cuts, (octets, positions) => {
        const whole = readAll(new DotReader(), [octets]);
        assert.deepEqual(readAll(new DotReader(), cut(octets, positions)), whole);
        assert.deepEqual(
          readAll(
            new DotReader(),
            Array.from(octets, (octet) => Uint8Array.of(octet)),
          ),
          whole,
        );
      }),
      { numRuns: 2000 },
    );
  });

  // Relay catalogue R130, and the two that only a sending server could make.
  for (const variant of [
    "\n.\n",
    "\n.\r",
    "\r.\n",
    "\r.\r",
    "\n.\r\n",
    "\r.\r\n",
    "\r\n.\n",
    "\r\n.\r",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\n.\r\r\n",
    "\r\r\n.\r\r\n",
  ])
    test(`${JSON.stringify(variant)} is a fault and no end`, () => {
      assert.equal(readData(`text${variant}MAIL FROM:<x@y>\r\n.\r\n`).result, "fault");
    });

  test("what follows the end mark is not content", () => {
    assert.deepEqual(readData("a\r\n.\r\nQUIT\r\n"), {
      result: "end",
      fault: "",
      content: "a\r\n",
      consumed: 6,
    });
  });
});

function stuffed(chunks: readonly Uint8Array[]): string {
  const writer = new DotWriter();
  return latin([...chunks.map((chunk) => writer.write(chunk)), writer.end()]);
}

describe("DotWriter", () => {
  test("DotReader undoes it, however either is cut", () => {
    fc.assert(
      fc.property(crlfText, cuts, cuts, (text, written, read) => {
        const wire = octetsOf(stuffed(cut(text, written)));
        const reading = readAll(new DotReader(), cut(wire, read));
        assert.equal(reading.result, "end");
        assert.equal(reading.content, latin([text]));
        assert.equal(reading.consumed, wire.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("any chunking gives the same octets", () => {
    fc.assert(
      fc.property(framing, cuts, (octets, positions) => {
        assert.equal(stuffed(cut(octets, positions)), stuffed([octets]));
      }),
    );
  });

  test("a last line without CRLF gets one", () => {
    assert.equal(stuffed([octetsOf("a\r\nb")]), "a\r\nb\r\n.\r\n");
    assert.equal(stuffed([octetsOf("a\r\n")]), "a\r\n.\r\n");
    assert.equal(stuffed([]), ".\r\n");
  });

  test("content that no SMTP client could send is framed for readers of CRLF and of LF alike", () => {
    assert.equal(stuffed([octetsOf("a\n.\nb\n")]), "a\n..\nb\n\r\n.\r\n");
    assert.equal(stuffed([octetsOf("a\r")]), "a\r\r\n.\r\n");
    assert.equal(stuffed([octetsOf("a\r"), octetsOf("\n")]), "a\r\n.\r\n");
    assert.equal(stuffed([octetsOf("a"), octetsOf("\n")]), "a\n\r\n.\r\n");
  });

  test("a chunk without dots is passed on as it is", () => {
    const chunk = octetsOf("a\r\nb\r\n");
    assert.equal(new DotWriter().write(chunk), chunk);
  });
});

/** Octets as one chunk that is the last, arriving in pieces. */
function counted(octets: Uint8Array, pieces: readonly Uint8Array[]): Reading {
  const reader = new CountedReader();
  reader.expect(octets.length, true);
  return readAll(reader, pieces);
}

describe("CountedReader", () => {
  test("ends by count, and faults on each bare CR, bare LF and NUL", () => {
    fc.assert(
      fc.property(framing, framing, (octets, behind) => {
        const text = latin([octets]);
        const fault = /\0|\r(?!\n)|(?<!\r)\n/.test(text);
        const reading = counted(octets, [Uint8Array.from(Buffer.concat([octets, behind]))]);
        assert.equal(reading.result, fault ? "fault" : "end");
        if (!fault) assert.deepEqual([reading.content, reading.consumed], [text, octets.length]);
      }),
      { numRuns: 2000 },
    );
  });

  test("any arrival gives the same result", () => {
    fc.assert(
      fc.property(framing, cuts, (octets, positions) => {
        const whole = counted(octets, [octets]);
        assert.deepEqual(counted(octets, cut(octets, positions)), whole);
      }),
    );
  });

  test("any division into chunks gives the same content", () => {
    fc.assert(
      fc.property(crlfText, cuts, (octets, positions) => {
        const reader = new CountedReader();
        const chunks = cut(octets, positions);
        const content = chunks.map((chunk, i) => {
          reader.expect(chunk.length, i === chunks.length - 1);
          const reading = readAll(reader, [chunk]);
          assert.equal(reading.result, "end");
          return reading.content;
        });
        assert.equal(content.join(""), latin([octets]));
      }),
    );
  });

  test("a chunk of nothing ends before anything came", () => {
    const reader = new CountedReader();
    reader.expect(0, false);
    assert.deepEqual(
      reader.read(new Uint8Array(0), () => assert.fail()),
      { kind: "end", consumed: 0 },
    );
  });
});

test("SkippingReader passes over its octets, whatever they are", () => {
  fc.assert(
    fc.property(framing, cuts, (octets, positions) => {
      const pieces = [...cut(octets, positions), octetsOf("QUIT\r\n")];
      const reading = readAll(new SkippingReader(octets.length), pieces);
      assert.deepEqual(reading, { result: "end", fault: "", content: "", consumed: octets.length });
    }),
  );
});
