/** Transcripts are printable, whatever was said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { printTranscript } from "../../../src/operate/relaytest/index.ts";

test("one line for each line, with who said it; what is not printable can be seen", () => {
  const lines = printTranscript([
    { by: "server", octets: "220 mx\r\n" },
    { by: "client", octets: "A\r\nB\rC\nD\0\xff\r\n" },
    { by: "nobody", event: "TLS established" },
    { by: "client", octets: "cut" },
  ]);
  assert.deepEqual(lines, [
    "S: 220 mx",
    "C: A",
    "C: B\\rC\\nD\\x00\\xff",
    "   (TLS established)",
    "C: cut",
  ]);
});

test("a long line is cut, and says so", () => {
  const [line = ""] = printTranscript([{ by: "client", octets: `${"a".repeat(5000)}\r\n` }]);
  assert.ok(line.length < 250);
  assert.match(line, /… \(5000 characters\)$/);
});
