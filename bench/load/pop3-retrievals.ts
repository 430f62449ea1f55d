/**
 * Retrieves the same messages again and again in one POP3 session, with a given number of commands in flight (1: one by
 * one). Arguments: port, messages, passes, in flight. Prints the retrievals, their octets and the seconds, login not counted.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { PASSWORD, READ_MAILBOX } from "../servers/peer.ts";
import { numbersGiven } from "./client.ts";

const PATIENCE_MS = 30_000;
const END = Buffer.from("\r\n.\r\n");

const [port = 0, messages = 0, passes = 0, inFlight = 0] = numbersGiven(4);
const retrievals = messages * passes;
const socket = connect({ port, host: "127.0.0.1", noDelay: true });
socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("the server is silent")));
for (const command of ["", `USER ${READ_MAILBOX}\r\n`, `PASS ${PASSWORD}\r\n`]) {
  if (command !== "") socket.write(command);
  const [reply] = (await once(socket, "data")) as [Buffer]; // a socket without an encoding gives buffers
  if (!reply.toString("latin1").startsWith("+OK")) throw new Error(reply.toString("latin1"));
}

let asked = 0;
let ended = 0;
let octets = 0;
/** Where an end mark may have begun. */
let tail = Buffer.alloc(0);
const began = performance.now();
socket.on("data", take);
ask(inFlight);

/** The commands that may go now leave in one write. */
function ask(count: number): void {
  let commands = "";
  for (let i = 0; i < count && asked < retrievals; i++)
    commands += `RETR ${(asked++ % messages) + 1}\r\n`;
  if (commands !== "") socket.write(commands);
}

function take(chunk: Buffer): void {
  octets += chunk.length;
  const seam = Buffer.concat([tail, chunk.subarray(0, END.length - 1)]);
  const count = (seam.includes(END) ? 1 : 0) + marksIn(chunk);
  const last = Buffer.concat([tail, chunk.subarray(-(END.length - 1))]);
  tail = Buffer.from(last.subarray(-(END.length - 1)));
  ended += count;
  if (ended === retrievals) finish();
  else ask(count);
}

/** Content has no such mark, for its dots are stuffed (RFC 1939 §3). */
function marksIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(END); at >= 0; at = chunk.indexOf(END, at + END.length)) count++;
  return count;
}

function finish(): void {
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(JSON.stringify({ retrievals, octets, seconds }));
  socket.off("data", take).resume().end("QUIT\r\n");
}
