/** The program behind tls-sink.ts: an SMTP server that takes everything. Argument: its settings, in JSON. Ends with its channel. */
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureContext } from "node:tls";
import { TLS_GROUP, TLS_VERSION } from "../load/tls-mail.ts";
import type { SinkSettings, Told } from "./tls-sink.ts";

/** Messages kept. */
const NEWEST = 20;
/** Milliseconds between two words about the counters. */
const TELL_MS = 10;

const { port, certificate, resumable } = JSON.parse(process.argv[2] ?? "") as SinkSettings; // of our parent
const kept = resumable ? makeContext() : undefined;
const counters = { messages: 0, connections: 0, handshakes: 0, resumed: 0 };
const newest: string[] = [];
let changed = false;

process.on("disconnect", () => process.exit(0));
process.on("message", () => tell({ kind: "newest", messages: newest }));
setInterval(() => {
  if (changed) tell({ kind: "counters", ...counters });
  changed = false;
}, TELL_MS);
createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  count("connections");
  socket.on("error", () => socket.destroy());
  socket.write("220 sink.example\r\n");
  converse(socket, certificate !== undefined);
}).listen({ port, host: "127.0.0.1", backlog: 1000 }, () => tell({ kind: "listening" }));

function count(counter: keyof typeof counters): void {
  counters[counter]++;
  changed = true;
}

function tell(told: Told): void {
  process.send?.(told);
}

/** A context's tickets can be read by itself alone. */
function makeContext(): SecureContext | undefined {
  if (certificate === undefined) return undefined;
  return createSecureContext({
    cert: readFileSync(certificate.certificate),
    key: readFileSync(certificate.key),
    minVersion: TLS_VERSION,
    maxVersion: TLS_VERSION,
    ecdhCurve: TLS_GROUP,
  });
}

function converse(socket: Socket, offersTls: boolean): void {
  let held = "";
  let inContent = false;
  const take = (octets: Buffer): void => {
    held += octets.toString("latin1");
    while (inContent ? takeContent() : takeLine());
  };
  const takeContent = (): boolean => {
    const end = held.startsWith(".\r\n") ? 0 : held.indexOf("\r\n.\r\n");
    if (end < 0) return false;
    keep(held.slice(0, end + 2));
    held = held.slice(held.indexOf(".\r\n", end) + 3);
    inContent = false;
    socket.write("250 2.0.0 taken\r\n");
    return true;
  };
  const takeLine = (): boolean => {
    const end = held.indexOf("\r\n");
    if (end < 0) return false;
    const [verb = ""] = held.slice(0, end).toUpperCase().split(" ");
    held = held.slice(end + 2);
    switch (verb) {
      case "EHLO":
        socket.write(
          `250-sink.example\r\n${offersTls ? "250-STARTTLS\r\n" : ""}250-PIPELINING\r\n250 8BITMIME\r\n`,
        );
        return true;
      case "STARTTLS":
        socket.off("data", take).write("220 2.0.0 ready\r\n");
        secure(socket);
        return false;
      case "DATA":
        inContent = true;
        socket.write("354 go on\r\n");
        return true;
      case "QUIT":
        socket.end("221 2.0.0 bye\r\n");
        return false;
      default:
        socket.write("250 2.0.0 ok\r\n");
        return true;
    }
  };
  socket.on("data", take).on("end", () => socket.end());
}

function secure(socket: Socket): void {
  const secureContext = kept ?? makeContext();
  const over = new TLSSocket(socket, { isServer: true, ...(secureContext && { secureContext }) });
  over.on("error", () => socket.destroy());
  over.once("secure", () => {
    count("handshakes");
    if (over.isSessionReused()) count("resumed");
    converse(over, false);
  });
}

function keep(stuffed: string): void {
  newest.push(stuffed.replaceAll(/^\./gm, ""));
  if (newest.length > NEWEST) newest.shift();
  count("messages");
}
