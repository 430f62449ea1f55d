/** RETR and TOP: what arrives is what is stored, and no more of it is in memory than a chunk. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  Conversation,
  latin1,
  MemoryWire,
  octetsOf,
  type Wire,
} from "../../../src/protocol/dialogue/index.ts";
import { Pop3ServerSession } from "../../../src/protocol/pop3/index.ts";
import { LOGIN, MailboxDesk, SETTINGS, lines, play, withLimits } from "./mailbox-desk.ts";

/** Lines that end in CRLF, as every stored message's do, rich in dots; the last one may lack its end. */
const line = fc.oneof(
  fc.array(fc.constantFrom(".", "a", " ", "\0", "\xff")).map((parts) => parts.join("")),
  fc.uint8Array({ maxLength: 60 }).map((octets) => latin1(octets).replace(/[\r\n]/g, ".")),
);
const content = fc
  .tuple(fc.array(line), fc.boolean())
  .map(([all, ended]) => octetsOf(all.join("\r\n") + (ended ? "\r\n" : "")));
const chunkOctets = fc.integer({ min: 1, max: 40 });

/** What a client makes of the reply to the last command: its lines, stuffing undone. */
function retrieved(stored: Uint8Array, command: string, chunk: number): string {
  const settings = withLimits({ chunkOctets: chunk });
  const before = play([lines(...LOGIN)], [stored], { settings }).output;
  const { output } = play([lines(...LOGIN, command)], [stored], { settings });
  const reply = output.slice(before.length);
  const firstLine = reply.indexOf("\r\n") + 2;
  assert.ok(reply.startsWith("+OK "), reply);
  assert.ok(reply.endsWith("\r\n.\r\n"), reply);
  return unstuffed(reply.slice(firstLine, -3));
}

/** RFC 1939 §3, naively: the first dot of each line goes. */
function unstuffed(text: string): string {
  return text.replace(/(^|\r\n)\./g, "$1");
}

/** The end mark stands on a line of its own, so a last line without an end gets one. */
function asSent(stored: string): string {
  return stored === "" || stored.endsWith("\r\n") ? stored : `${stored}\r\n`;
}

test("RETR sends what is stored, for any content and any chunks", () => {
  fc.assert(
    fc.property(content, chunkOctets, (stored, chunk) => {
      assert.equal(retrieved(stored, "RETR 1", chunk), asSent(latin1(stored)));
    }),
    { numRuns: 2000 },
  );
});

test("the end mark occurs once, at the end", () => {
  fc.assert(
    fc.property(content, chunkOctets, (stored, chunk) => {
      const { output } = play([lines(...LOGIN, "RETR 1")], [stored], {
        settings: withLimits({ chunkOctets: chunk }),
      });
      assert.equal(output.indexOf("\r\n.\r\n"), output.length - 5);
    }),
  );
});

test("TOP sends the header section and so many lines, for any content and any chunks", () => {
  fc.assert(
    fc.property(content, chunkOctets, fc.nat(4), (stored, chunk, count) => {
      assert.equal(
        retrieved(stored, `TOP 1 ${count}`, chunk),
        asSent(topOf(latin1(stored), count)),
      );
    }),
    { numRuns: 2000 },
  );
});

/** Line by line: everything up to the first blank line, then `count` more. */
function topOf(stored: string, count: number): string {
  const all = stored.split(/(?<=\r\n)/);
  const blank = all.indexOf("\r\n");
  return blank < 0 ? stored : all.slice(0, blank + 1 + count).join("");
}

test("TOP finds the blank line of a message that ends its lines with LF, and takes no other for one", () => {
  const stored = octetsOf("a\nx\n\nbody\nmore\n");
  for (const chunk of [1, 2, 3, 100])
    assert.equal(retrieved(stored, "TOP 1 1", chunk), asSent("a\nx\n\nbody\n"));
});

/** A wire that counts, and is full after each write until it is told otherwise. */
class CountingWire implements Wire {
  written = 0;
  largest = 0;
  ended = false;

  write(data: string | Uint8Array): boolean {
    this.written += data.length;
    this.largest = Math.max(this.largest, data.length);
    return false;
  }

  startTls(): void {}
  pause(): void {}
  resume(): void {}

  end(): void {
    this.ended = true;
  }
}

const CHUNK = SETTINGS.limits.chunkOctets;

test("nothing is read of a message while the wire has not taken the last chunk", () => {
  const stored = new Uint8Array(10 * CHUNK + 1).fill(0x61);
  const desk = new MailboxDesk([stored]);
  const wire = new CountingWire();
  const conversation = new Conversation(new Pop3ServerSession(SETTINGS), desk, wire);
  conversation.start();
  conversation.receive(lines(...LOGIN));
  conversation.drained();
  conversation.receive(lines("RETR 1"));
  const reads = () => desk.asks.filter(({ kind }) => kind === "read").length;
  for (let chunk = 1; chunk <= 11; chunk++) {
    assert.equal(reads(), chunk);
    assert.ok(wire.written < chunk * CHUNK + 200, `${wire.written} octets after ${chunk} chunks`);
    conversation.drained();
  }
  assert.equal(reads(), 11);
  assert.equal(desk.tells.at(-1)?.kind, "retrieved");
});

test("a client that asks for a thousand messages and reads none is answered until a chunk is full", () => {
  const desk = new MailboxDesk([new Uint8Array(1000).fill(0x61)]);
  const wire = new CountingWire();
  const session = new Pop3ServerSession(withLimits({ chunkOctets: 3000 }));
  const conversation = new Conversation(session, desk, wire);
  conversation.start();
  conversation.receive(lines(...LOGIN));
  conversation.drained();
  conversation.receive(lines(...Array<string>(1000).fill("RETR 1")));
  conversation.receive(lines(...Array<string>(1000).fill("UIDL")));
  conversation.receive(lines(...Array<string>(1000).fill("CAPA")));
  assert.ok(wire.written > 3000 && wire.written < 5000, `${wire.written} octets`);
});

test("small messages that are asked for together leave in one write", () => {
  const desk = new MailboxDesk([lines("Subject: a", "", "one"), lines("Subject: b", "", ".two")]);
  const written: string[] = [];
  const wire: Wire = new MemoryWire();
  wire.write = (data) => written.push(typeof data === "string" ? data : latin1(data)) > 0;
  const conversation = new Conversation(new Pop3ServerSession(SETTINGS), desk, wire);
  conversation.start();
  conversation.receive(lines(...LOGIN));
  written.length = 0;
  conversation.receive(lines("RETR 1", "RETR 2", "NOOP"));
  assert.equal(written.length, 1);
  assert.match(written[0] ?? "", /one\r\n\.\r\n\+OK 20 octets\r\n.*\.\.two\r\n\.\r\n\+OK/s);
});

test("a hundred thousand messages are listed in portions", () => {
  const count = 100_000;
  const desk = new MailboxDesk(Array<Uint8Array>(count).fill(Uint8Array.of(13, 10)));
  const wire = new CountingWire();
  const conversation = new Conversation(new Pop3ServerSession(SETTINGS), desk, wire);
  conversation.start();
  conversation.receive(lines(...LOGIN));
  conversation.drained();
  wire.written = 0;
  conversation.receive(lines("LIST"));
  assert.ok(wire.written < 10_000, "the first portion only");
  let portions = 1;
  for (let before = -1; before !== wire.written; portions++) {
    before = wire.written;
    conversation.drained();
  }
  assert.ok(wire.largest < 10_000, `a portion of ${wire.largest} octets`);
  assert.ok(portions > count / 1000);
  const digits = Array.from({ length: count }, (_, i) => String(i + 1).length).reduce(
    (a, b) => a + b,
    0,
  );
  const first = `+OK ${count} messages (${2 * count} octets)\r\n`;
  assert.equal(wire.written, first.length + digits + count * " 2\r\n".length + ".\r\n".length);
});
