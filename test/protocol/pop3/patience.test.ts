/** How long a client may be silent, and what counts as not being silent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation, MemoryWire } from "../../../src/protocol/dialogue/index.ts";
import { Pop3ServerSession } from "../../../src/protocol/pop3/index.ts";
import { LOGIN, MailboxDesk, SETTINGS, lines, withLimits } from "./mailbox-desk.ts";

test("before login it may be silent for less long than after it (RFC 1939 §3: ten minutes)", () => {
  const session = new Pop3ServerSession(SETTINGS);
  const conversation = new Conversation(session, new MailboxDesk([]), new MemoryWire());
  conversation.start();
  assert.equal(session.patienceMs(), 180_000);
  conversation.receive(lines(...LOGIN));
  assert.equal(session.patienceMs(), 600_000);
});

test("a crowded server has less patience with strangers, and the same with who has logged in", () => {
  const session = new Pop3ServerSession(SETTINGS);
  const conversation = new Conversation(session, new MailboxDesk([]), new MemoryWire());
  conversation.start();
  assert.equal(conversation.patienceMs(true), 10_000);
  conversation.receive(lines(...LOGIN));
  assert.equal(conversation.patienceMs(true), 600_000);
});

test("each whole line is a sign of life, a part of one is not", () => {
  const session = new Pop3ServerSession(SETTINGS);
  session.start();
  const before = session.progress();
  session.receive(Buffer.from("US"));
  session.receive(Buffer.from("ER ann"));
  assert.equal(session.progress(), before);
  session.receive(lines("", "CAPA"));
  assert.equal(session.progress(), before + 2);
});

test("so is each chunk of a message that its client has taken", () => {
  const session = new Pop3ServerSession(withLimits({ chunkOctets: 10 }));
  const wire = new MemoryWire({ slow: true });
  const conversation = new Conversation(session, new MailboxDesk([new Uint8Array(50)]), wire);
  conversation.start();
  conversation.receive(lines(...LOGIN, "RETR 1"));
  const before = session.progress();
  for (let chunk = 1; chunk <= 3; chunk++) {
    assert.equal(wire.drain(), true);
    conversation.drained();
    assert.equal(session.progress(), before + chunk);
  }
});
