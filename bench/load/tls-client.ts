/**
 * A client for mail over TLS or with a text of one's own: as smtp-source, every reply is waited for before the next command. Argument: what `Asked` of
 * tls-mail.ts says, in JSON. Prints what `Done` says. A reply that is not the expected one ends it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type TLSSocket } from "node:tls";
import type { z } from "zod";
import { PASSWORD, SINK_MAILBOX } from "../servers/peer.ts";
import { median } from "../measure/figures.ts";
import { addressAt } from "./addresses.ts";
import { letterOf } from "./letter.ts";
import { Asked, Letters, TLS_GROUP, TLS_VERSION, type Done, type Letter } from "./tls-mail.ts";

const PATIENCE_MS = 60_000;

const asked = Asked.parse(JSON.parse(process.argv[2] ?? ""));
const { port, to, messages, octets, connections, reuse, tls, resume, login, sources } = asked;
const token = Buffer.from(`\0${SINK_MAILBOX}\0${PASSWORD}`).toString("base64");
const letters = (asked.letters === undefined ? [ownLetter()] : given(asked.letters)).map(
  ({ sender, text }) => ({ sender, content: `${text.replaceAll(/^\./gm, "..")}.\r\n` }),
);
const secureContext = createSecureContext({
  minVersion: TLS_VERSION,
  maxVersion: TLS_VERSION,
  ecdhCurve: TLS_GROUP,
});

let begun = 0;
let next = 0;
let opened = 0;
let resumed = 0;
const latencies: number[] = [];
const began = performance.now();
await Promise.all(Array.from({ length: connections }, worker));
const seconds = (performance.now() - began) / 1000;
const done = { seconds, opened, resumed, latencyMs: median(latencies) };
process.stdout.write(JSON.stringify(done satisfies z.input<typeof Done>));

/** One connection at a time, as long as there is something to send. */
async function worker(): Promise<void> {
  let session: Buffer | undefined;
  while (begins()) await converse(session, (fresh) => (session = resume ? fresh : undefined));
}

/** Whether there is one more message to send. */
function begins(): boolean {
  return begun++ < messages;
}

async function converse(
  session: Buffer | undefined,
  onSession: (session: Buffer) => void,
): Promise<void> {
  const started = performance.now();
  const local = sources === undefined ? {} : { localAddress: addressAt(sources, opened) };
  opened++;
  const clear = connect({ port, host: "127.0.0.1", noDelay: true, ...local });
  patient(clear);
  let say = speaker(clear);
  await say("", "220");
  await say("EHLO client.example\r\n", "250");
  if (tls === "starttls") {
    await say("STARTTLS\r\n", "220");
    say = speaker(await secured(clear, session, onSession));
    await say("EHLO client.example\r\n", "250");
  }
  if (login) await say(`AUTH PLAIN ${token}\r\n`, "235");
  await transaction(say, started);
  if (reuse) while (begins()) await transaction(say, performance.now());
  await say("QUIT\r\n", "221");
  clear.destroySoon();
}

/** `started`: what it waits for began then. */
async function transaction(say: Say, started: number): Promise<void> {
  const letter = letters[next++ % letters.length];
  assert.ok(letter !== undefined);
  const { sender, content } = letter;
  await say(`MAIL FROM:<${sender}>\r\n`, "250");
  await say(`RCPT TO:<${to}>\r\n`, "250");
  await say("DATA\r\n", "354");
  await say(content, "250");
  latencies.push(performance.now() - started);
}

async function secured(
  socket: Socket,
  session: Buffer | undefined,
  onSession: (session: Buffer) => void,
): Promise<TLSSocket> {
  socket.removeAllListeners("data").setTimeout(0);
  const secure = connectTls({
    socket,
    secureContext,
    rejectUnauthorized: false,
    ...(session !== undefined && { session }),
  });
  patient(secure);
  secure.on("session", onSession);
  await once(secure, "secureConnect");
  if (secure.isSessionReused()) resumed++;
  return secure;
}

function patient(socket: Socket): void {
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("the server is silent")));
}

/** Says something, or nothing yet, and waits for the whole reply. */
type Say = (text: string, code: string) => Promise<void>;

function speaker(socket: Socket): Say {
  let reply = "";
  let heard: (() => void) | undefined;
  let failed: ((why: Error) => void) | undefined;
  socket.setEncoding("latin1").on("data", (text: string) => {
    reply += text;
    if (isWhole(reply)) heard?.();
  });
  socket.on("error", (error) => failed?.(error));
  socket.on("close", () => failed?.(new Error("the connection ended")));
  return async (text, code) => {
    const whole = new Promise<void>((resolve, reject) => {
      [heard, failed] = [resolve, reject];
    });
    if (text !== "") socket.write(text, "latin1");
    await whole;
    const said = reply;
    reply = "";
    if (!said.startsWith(code))
      throw new Error(`${code} expected after ${text.slice(0, 80)}: ${said}`);
  };
}

/** The last line of a reply has a blank after its code (RFC 5321 §4.2.1). */
function isWhole(reply: string): boolean {
  return reply.endsWith("\r\n") && reply[reply.lastIndexOf("\n", reply.length - 2) + 4] === " ";
}

function ownLetter(): Letter {
  const sender = login ? SINK_MAILBOX : "sender@remote.example";
  return { sender, text: letterOf(sender, to, octets) };
}

function given(file: string): Letter[] {
  return Letters.parse(JSON.parse(readFileSync(file, "utf8")));
}
