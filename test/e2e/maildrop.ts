/** What is in somebody's mailbox, as POP3 gives it; it stays there. */
import assert from "node:assert/strict";
import { Talk } from "./talk.ts";

/** Oldest first, each with its last line end and the end mark. */
export async function fetchAll(port: number, user: string, password: string): Promise<string[]> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask(`USER ${user}`);
  assert.match(await talk.ask(`PASS ${password}`), /^\+OK/);
  const count = Number(/^\+OK (\d+)/.exec(await talk.ask("STAT"))?.[1]);
  const messages = [];
  for (let number = 1; number <= count; number++) {
    talk.say(`RETR ${number}\r\n`);
    messages.push(await talk.until("\r\n.\r\n"));
  }
  await talk.ask("QUIT");
  talk.destroy();
  return messages;
}
