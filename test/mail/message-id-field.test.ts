/** The Message-ID that a message brings: in one form, or none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE_ID_OCTETS, messageIdField } from "../../src/mail/index.ts";

function read(...lines: readonly string[]): string | undefined {
  return messageIdField(Buffer.from([...lines, "", ""].join("\r\n"), "latin1"));
}

test("it is what stands in the first field of its name, folded or not", () => {
  assert.equal(read("From: x", "message-id: <a.1@b.example>"), "<a.1@b.example>");
  assert.equal(read("Message-ID:", " <a.1@b.example>", "Message-ID: <2@b>"), "<a.1@b.example>");
});

test("what is of no form that one could ask for is none", () => {
  const odd = [
    "",
    "a@b",
    "<a@b> x",
    "<a b@c>",
    "<a>",
    "<a@b",
    "<a@\u00e4>",
    "<<a@b>>",
    "<a@\u0000>",
  ];
  for (const text of odd) assert.equal(read(`Message-ID: ${text}`), undefined, text);
  assert.equal(read("Subject: x"), undefined);
  const longest = `<a@${"b".repeat(MESSAGE_ID_OCTETS - 4)}>`;
  assert.equal(read(`Message-ID: ${longest}`), longest);
  assert.equal(read(`Message-ID: ${longest.replace("a", "aa")}`), undefined);
});
