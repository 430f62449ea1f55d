/**
 * A client of its own, for smtp-source stops at a refusal: each attempt is a new connection, EHLO, MAIL, a RCPT, and QUIT, every
 * reply waited for. Argument: what `Asked` of refusals.ts says, in JSON. Prints what `Done` says.
 */
import { connect } from "node:net";
import type { z } from "zod";
import { median } from "../measure/figures.ts";
import { addressAt } from "./addresses.ts";
import { Asked, type Done } from "./refusals.ts";

const { port, to, attempts, atOnce, sources } = Asked.parse(JSON.parse(process.argv[2] ?? ""));
const COMMANDS = [
  "EHLO client.example\r\n",
  "MAIL FROM:<sender@remote.example>\r\n",
  `RCPT TO:<${to}>\r\n`,
  "QUIT\r\n",
];
/** Codes of the greeting and of the replies to these. */
const EXPECTED = [/^220/, /^250/, /^250/, /^(?:5|250)/, /^221/];
/** The reply to RCPT. */
const JUDGED = 3;
const PATIENCE_MS = 30_000;

let begun = 0;
let ended = 0;
let refused = 0;
const latencies: number[] = [];
const began = performance.now();
for (let i = 0; i < atOnce; i++) attempt();

function attempt(): void {
  if (begun === attempts) return;
  const local = sources === undefined ? {} : { localAddress: addressAt(sources, begun) };
  begun++;
  const started = performance.now();
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, ...local });
  socket.setEncoding("latin1");
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("the server is silent")));
  let step = 0;
  let reply = "";
  socket.on("data", (text: string) => {
    reply += text;
    if (!isWhole(reply)) return;
    if (EXPECTED[step]?.test(reply) !== true) throw new Error(`unexpected: ${reply}`);
    if (step === JUDGED) {
      latencies.push(performance.now() - started);
      if (reply.startsWith("5")) refused++;
    }
    reply = "";
    const command = COMMANDS[step++];
    if (command !== undefined) socket.write(command);
  });
  socket.on("close", () => {
    if (step !== EXPECTED.length) throw new Error(`the connection ended after ${step} replies`);
    if (++ended === attempts) finish();
    else attempt();
  });
}

/** The last line of a reply has a blank after its code (RFC 5321 §4.2.1). */
function isWhole(reply: string): boolean {
  return reply.endsWith("\r\n") && reply[reply.lastIndexOf("\n", reply.length - 2) + 4] === " ";
}

function finish(): void {
  const seconds = (performance.now() - began) / 1000;
  const done = { refused, seconds, latencyMs: median(latencies) };
  process.stdout.write(JSON.stringify(done satisfies z.input<typeof Done>));
}
