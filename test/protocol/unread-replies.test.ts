/** A client that pipelines and reads no reply: what is said to it waits in the network, not in our memory, and none of it is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Conversation,
  MemoryWire,
  REPLIES_LIMIT,
  type Dialogue,
} from "../../src/protocol/dialogue/index.ts";
import { Pop3ServerSession } from "../../src/protocol/pop3/index.ts";
import { SmtpServerSession, type SmtpAnswer, type SmtpAsk } from "../../src/protocol/smtp/index.ts";
import { MailboxDesk, SETTINGS as POP3 } from "./pop3/mailbox-desk.ts";
import { SETTINGS as SMTP } from "./smtp/harness.ts";

/** As much as a socket hands over at once. */
const SEGMENT_OCTETS = 65_536;

/** Says yes to all. */
class WillingDesk {
  ask(_ask: SmtpAsk, reply: (answer: SmtpAnswer) => void): void {
    reply({ kind: "proceed" });
  }

  tell(): void {}

  body(): boolean {
    return true;
  }
}

const smtp = (wire: MemoryWire): Dialogue =>
  new Conversation(new SmtpServerSession(SMTP), new WillingDesk(), wire);
const pop3 = (wire: MemoryWire): Dialogue =>
  new Conversation(new Pop3ServerSession(POP3), new MailboxDesk([]), wire);

/** Longest reply to one of the commands below. */
const REPLY_OCTETS = 512;

const CASES: readonly (readonly [string, (wire: MemoryWire) => Dialogue, string])[] = [
  ["EHLO", smtp, "EHLO a\r\n"],
  ["HELP", smtp, "HELP\r\n"],
  ["UTF8", pop3, "UTF8\r\n"],
  ["CAPA", pop3, "CAPA\r\n"],
];

for (const [name, open, line] of CASES)
  test(`${name}: said by the segment, with the wire full all the time`, () => {
    const wire = new MemoryWire({ slow: true });
    const dialogue = open(wire);
    dialogue.start();
    const single = replyTo(open, line);
    const commands = Math.floor(SEGMENT_OCTETS / line.length);
    dialogue.receive(Buffer.from(line.repeat(commands)));
    assert.ok(wire.paused, "no more is read");
    let written = "";
    let most = 0;
    do {
      const portion = wire.take();
      most = Math.max(most, portion.length);
      written += portion;
      dialogue.drained();
    } while (wire.drain());
    assert.ok(most <= REPLIES_LIMIT + REPLY_OCTETS, `${most} octets at once`);
    assert.equal(written.split(single).length - 1, commands, "each command has its reply");
    assert.ok(!wire.paused);
  });

test("a server that stops says so to a client that does not read, and so does the time that is over", () => {
  for (const end of ["shutdown", "timeout"] as const) {
    const wire = new MemoryWire({ slow: true });
    const dialogue = smtp(wire);
    dialogue.start();
    dialogue.receive(Buffer.from("HELP\r\n".repeat(1000)));
    dialogue[end]();
    assert.match(wire.take(), /\r\n421 4\.[34]\.2 [^\r]*\r\n$/);
    assert.ok(wire.ended);
  }
});

/** The reply to one such command, on a wire that takes all. */
function replyTo(open: (wire: MemoryWire) => Dialogue, line: string): string {
  const wire = new MemoryWire();
  const dialogue = open(wire);
  dialogue.start();
  wire.take();
  dialogue.receive(Buffer.from(line));
  return wire.take();
}
