/** Names of sessions and messages: made of randomness alone, read again from what a person types. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  messageId,
  parseSessionId,
  SESSION_ID_ENTROPY_OCTETS,
  sessionId,
} from "../../src/mail/index.ts";

test("an id has twelve characters of [0-9a-z], all of its octets decide, and it reads as itself", () => {
  const length = SESSION_ID_ENTROPY_OCTETS;
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.nat(length - 1),
      (random, place) => {
        const id = sessionId(random);
        assert.match(id, /^[0-9a-z]{12}$/);
        assert.equal(parseSessionId(id), id);
        const other = Uint8Array.from(random, (octet, i) =>
          i === place ? (octet + 1) % 256 : octet,
        );
        assert.notEqual(sessionId(other), id);
      },
    ),
  );
});

test("too little randomness makes no id", () => {
  assert.throws(() => sessionId(new Uint8Array(SESSION_ID_ENTROPY_OCTETS - 1)), RangeError);
});

test("a message's name leads to its session", () => {
  const session = sessionId(new Uint8Array(12));
  assert.equal(messageId(session, 1), "000000000000-1");
  assert.equal(parseSessionId(messageId(session, 12)), session);
});

test("what is no id is none", () => {
  const texts = [
    "",
    "00000000000",
    "0000000000000",
    "00000000000A",
    "000000000000-",
    "000000000000-0",
    "000000000000-01",
  ];
  for (const text of [
    ...texts,
    "000000000000-1-1",
    "000000000000\n",
    " 000000000000",
    "user@example.org",
  ])
    assert.equal(parseSessionId(text), undefined, JSON.stringify(text));
});
