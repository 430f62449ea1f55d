/**
 * A client of its own, for smtp-source stops at a refusal: each attempt is a new connection, EHLO, MAIL, a RCPT to a
 * foreign domain, and QUIT, every reply waited for. Arguments: port, attempts, at once. Prints what was refused and the seconds.
 */
import { connect } from "node:net";
import { numbersGiven } from "./client.ts";

const COMMANDS = [
  "EHLO client.example\r\n",
  "MAIL FROM:<sender@remote.example>\r\n",
  "RCPT TO:<victim@abroad.example>\r\n",
  "QUIT\r\n",
];
/** Codes of the greeting and of the replies to these. */
const EXPECTED = ["220", "250", "250", "5", "221"];
const PATIENCE_MS = 30_000;

const [port = 0, attempts = 0, atOnce = 0] = numbersGiven(3);
let begun = 0;
let refused = 0;
const began = performance.now();
for (let i = 0; i < atOnce; i++) attempt();

function attempt(): void {
  if (begun === attempts) return;
  begun++;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("the server is silent")));
  let step = 0;
  let reply = "";
  socket.on("data", (text: string) => {
    reply += text;
    if (!isWhole(reply)) return;
    if (!reply.startsWith(EXPECTED[step] ?? "")) throw new Error(`unexpected: ${reply}`);
    reply = "";
    const command = COMMANDS[step++];
    if (command !== undefined) socket.write(command);
  });
  socket.on("close", () => {
    if (step !== EXPECTED.length) throw new Error(`the connection ended after ${step} replies`);
    refused++;
    if (refused === attempts) finish();
    else attempt();
  });
}

/** The last line of a reply has a blank after its code (RFC 5321 §4.2.1). */
function isWhole(reply: string): boolean {
  return reply.endsWith("\r\n") && reply[reply.lastIndexOf("\n", reply.length - 2) + 4] === " ";
}

function finish(): void {
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(JSON.stringify({ refused, seconds }));
}
