/** The transcript format itself: what is written is what is sent and compared, and a wrong expectation shows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Session, Steps } from "../../src/protocol/dialogue/index.ts";
import { decodeLine, encodeLines } from "./escapes.ts";
import { MANNERS, play } from "./player.ts";
import type { Area } from "./runner.ts";
import { formatTranscript, parseTranscript } from "./transcript.ts";

test("any octets can be written down and are read back the same", () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .array(fc.constantFrom("\r\n", "\\", "a".repeat(70), "{", "}", "\r", "x"))
      .map((parts) => Uint8Array.from(Buffer.from(parts.join("")))),
  );
  fc.assert(
    fc.property(octets, (written) => {
      const read = Buffer.concat(encodeLines(written).map(decodeLine));
      assert.deepEqual(Uint8Array.from(read), written);
    }),
  );
});

function decode(text: string): string {
  return Buffer.from(decodeLine(text)).toString("latin1");
}

test("escapes", () => {
  assert.equal(decode("NOOP"), "NOOP\r\n");
  assert.equal(decode(String.raw`a\r\n\0\t\\\xff\{3:xy}` + "\\"), "a\r\n\0\t\\\xffxyxyxy");
  assert.throws(() => decode(String.raw`\q`), /unknown escape/);
});

/** Greets, and says each octet back. */
class Echo implements Session<never, never, never> {
  #progress = 0;
  start = (): Steps<never, never> => [{ kind: "send", data: "hello\r\n" }];
  receive = (bytes: Uint8Array): Steps<never, never> => {
    this.#progress += bytes.length;
    return [{ kind: "send", data: bytes }];
  };
  answer = (): Steps<never, never> => [];
  drained = (): Steps<never, never> => [];
  secured = (): Steps<never, never> => [];
  timeout = (): Steps<never, never> => [{ kind: "send", data: "bye\r\n" }, { kind: "close" }];
  shutdown = (): Steps<never, never> => [];
  closed = (): Steps<never, never> => [];
  patienceMs = (): number => 1;
  progress = (): number => this.#progress;
}

const ECHO: Area<never, never, never> = {
  engine: () => new Echo(),
  describeAsk: () => assert.fail("it asks nothing"),
  describeTell: () => assert.fail("it tells nothing"),
  answer: () => assert.fail("it asks nothing"),
  voidsContent: () => false,
};

const SOUND = `# An echo.
----
S: hello
C: one
C: two
S: one
S: two
# It is slow.
TIMEOUT
S: bye
CLOSED
----

`;

test("a transcript that holds is given back as it was written, in every manner", () => {
  const transcript = parseTranscript(SOUND);
  for (const manner of Object.values(MANNERS))
    assert.equal(formatTranscript(play(transcript, ECHO, manner)), SOUND, manner.name);
});

test("one that does not is not", () => {
  for (const wrong of [
    SOUND.replace("S: two", "S: three"),
    SOUND.replace("S: two\n", ""),
    SOUND.replace("S: hello", "S: hello\nS: hello"),
    SOUND.replace("CLOSED\n", ""),
    SOUND.replace(/\n\n$/, "\nask x\n"),
  ])
    assert.notEqual(formatTranscript(play(parseTranscript(wrong), ECHO, MANNERS.whole)), wrong);
});

test("what cannot be read is an error, not passed over", () => {
  assert.throws(() => parseTranscript("S: no sections\n"), /needs a dialogue/);
  assert.throws(() => parseTranscript("sett x y\n----\n"), /neither/);
  assert.throws(() => parseTranscript("----\nX: what\n"), /not a line of a dialogue/);
});
