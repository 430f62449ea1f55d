/**
 * Reads a mailbox over POP3 (plain, on loopback) with a client of its own: what real senders delivered is
 * looked at by something that shares no code with the server.
 */
import assert from "node:assert/strict";
import { converse } from "./conversation.ts";
import { PASSWORD, USER, type Site } from "./site.ts";

/** All messages of the mailbox, oldest first, as stored; they are deleted from it. */
export async function takeMessages(site: Site, user = USER): Promise<Buffer[]> {
  const login = [`USER ${user}`, `PASS ${PASSWORD}`];
  const counted = await converse(site.ports.pop3, [...login, "STAT", "QUIT"]);
  const count = Number(/^\+OK (\d+) \d+\r$/m.exec(counted.toString("latin1"))?.[1]);
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const commands = numbers.flatMap((number) => [`RETR ${number}`, `DELE ${number}`]);
  const taken = await converse(site.ports.pop3, [...login, ...commands, "QUIT"]);
  return contentsOf(taken.toString("latin1"), count);
}

/** The only message of the mailbox. */
export async function takeMessage(site: Site, user = USER): Promise<Buffer> {
  const [message, ...others] = await takeMessages(site, user);
  assert.ok(message !== undefined && others.length === 0, "not exactly one message in the mailbox");
  return message;
}

/** Greeting, two replies to the login, then for each message `+OK`, content, `.` and `+OK`; last QUIT's. */
function contentsOf(said: string, count: number): Buffer[] {
  let at = 0;
  const next = (mark: string): string => {
    const end = said.indexOf(mark, at);
    assert.ok(
      end >= 0,
      `the POP3 server said no ${JSON.stringify(mark)} after ${said.slice(at, at + 200)}`,
    );
    const text = said.slice(at, end);
    at = end + mark.length;
    return text;
  };
  const reply = (): void => assert.match(next("\r\n"), /^\+OK/);
  for (let i = 0; i < 3; i++) reply();
  const contents: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    reply();
    const stuffed = `${next("\r\n.\r\n")}\r\n`;
    contents.push(Buffer.from(stuffed.replaceAll(/^\./gm, ""), "latin1"));
    reply();
  }
  reply();
  return contents;
}
