/** Replies as RFC 5321 §4.2 has them, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf, ReplyReader, type ReplyResult } from "../../../src/operate/relaytest/reply.ts";

function read(...pieces: readonly string[]): ReplyResult[] {
  const reader = new ReplyReader();
  const results: ReplyResult[] = [];
  for (const piece of pieces) {
    reader.feed(piece);
    for (let next = reader.next(); next.kind !== "more"; next = reader.next()) results.push(next);
  }
  return results;
}

function answersIn(...pieces: readonly string[]): string[] {
  return read(...pieces).map((result) =>
    result.kind === "reply" ? answerOf(result.reply) : result.kind,
  );
}

test("reply code and enhanced code, with and without text", () => {
  assert.deepEqual(answersIn("550 5.7.1 no\r\n354 go on\r\n250\r\n220 mx ESMTP\r\n221 2.0.0\r\n"), [
    "550 5.7.1",
    "354",
    "250",
    "220",
    "221 2.0.0",
  ]);
});

test("lines of one reply are one reply, in whatever pieces they come", () => {
  const octets = "250-mx.example\r\n250-SIZE 10\r\n250 HELP\r\n250 2.1.0 ok\r\n";
  assert.deepEqual(answersIn(octets), ["250", "250 2.1.0"]);
  assert.deepEqual(answersIn(...octets.split("")), ["250", "250 2.1.0"]);
  const [first] = read(octets);
  assert.deepEqual(first?.kind === "reply" && first.reply.lines, [
    "250-mx.example",
    "250-SIZE 10",
    "250 HELP",
  ]);
});

test("an enhanced code of another class than the reply code's is none", () => {
  assert.deepEqual(answersIn("250 5.7.1 odd\r\n550 5.7.1x\r\n550 5.7.1\r\n"), [
    "250",
    "550",
    "550 5.7.1",
  ]);
});

test("what is no reply is malformed", () => {
  for (const line of [
    "hello\r\n",
    "25 ok\r\n",
    "150 ok\r\n",
    "250_ok\r\n",
    "250 ok\n",
    "2500 ok\r\n",
  ])
    assert.deepEqual(answersIn(line), ["malformed"], line);
  assert.deepEqual(answersIn("250-one\r\n251 two\r\n"), ["malformed"]);
});

test("a line without end, and a reply without end, are not kept", () => {
  assert.deepEqual(answersIn("2".repeat(5000)), ["malformed"]);
  assert.deepEqual(answersIn("250-x\r\n".repeat(1001))[0], "malformed");
});
