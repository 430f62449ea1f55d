/** Retrieves the newest messages of the mailbox that the load goes to. Arguments: port, how many. Prints their text, in latin1. */
import { converse } from "../../test/interop/support/conversation.ts";
import { PASSWORD, SINK_MAILBOX } from "../servers/peer.ts";
import { numbersGiven } from "./client.ts";

const [port = 0, wanted = 0] = numbersGiven(2);
const login = [`USER ${SINK_MAILBOX}`, `PASS ${PASSWORD}`];
const counted = await say("STAT");
const last = Number(/^\+OK (\d+) \d+\r$/m.exec(counted)?.[1]);
const newest = Array.from({ length: wanted }, (_, i) => last - wanted + 1 + i);
const messages: string[] = [];
for (const number of newest) {
  const said = await say(`RETR ${number}`);
  // Greeting, two replies to the login, that to RETR, then the message; its stuffed dots stay.
  messages.push(said.split("\r\n").slice(4).join("\r\n"));
}
process.stdout.write(JSON.stringify(messages));

async function say(command: string): Promise<string> {
  return (await converse(port, [...login, command, "QUIT"])).toString("latin1");
}
