/**
 * Logs in to a large mailbox and times STAT, LIST and UIDL, each until its last line is there. Argument: port. Prints the
 * milliseconds of each; that of the login holds the check of the password and the opening of the mailbox.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { PASSWORD, READ_MAILBOX } from "../servers/peer.ts";
import { numbersGiven } from "./client.ts";

const PATIENCE_MS = 30_000;

const [port = 0] = numbersGiven(1);
const socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("the server is silent")));
await replied("\r\n");
await timed(`USER ${READ_MAILBOX}`, "\r\n");
const login = await timed(`PASS ${PASSWORD}`, "\r\n");
const stat = await timed("STAT", "\r\n");
const list = await timed("LIST", "\r\n.\r\n");
const uidl = await timed("UIDL", "\r\n.\r\n");
process.stdout.write(JSON.stringify({ login, stat, list, uidl }));
socket.end("QUIT\r\n");

async function timed(command: string, end: string): Promise<number> {
  const began = performance.now();
  socket.write(`${command}\r\n`);
  await replied(end);
  return performance.now() - began;
}

async function replied(end: string): Promise<void> {
  let first = "";
  for (let last = ""; !last.endsWith(end);) {
    const [text] = (await once(socket, "data")) as [string]; // latin1 is set
    first ||= text;
    last = last.slice(-end.length) + text;
  }
  if (!first.startsWith("+OK")) throw new Error(first);
}
