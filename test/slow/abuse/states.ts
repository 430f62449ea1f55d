/** Every state in which a client can break off or close its side, and how it gets there. */
import { setTimeout } from "node:timers/promises";
import { PASSWORD, USER } from "../../e2e/site.ts";
import { carriedBy } from "../../net/echo.ts";
import { Attacker, transaction } from "./attacker.ts";
import type { Besieged } from "./besieged.ts";
import { clientHello, isServerHello } from "./hello.ts";

/** What these states are for has to have a moment before the greeting. */
export const GREETING_DELAY_MS = 100;

/** A mailbox with a message that no buffer on the way can hold. */
export const LARGE_MAILBOX = "large@local.example";

/** Delivers that message. */
export async function deliverLarge(server: Besieged): Promise<void> {
  const lines = [...transaction(LARGE_MAILBOX), "DATA"];
  const client = await Attacker.upTo(server.ports.smtp, "127.0.0.2", lines);
  client.send(`Subject: large\r\n\r\n${`${"x".repeat(998)}\r\n`.repeat(20_000)}`);
  const reply = await client.ask(".");
  if (!reply.startsWith("250")) throw new Error(reply);
  client.close();
}

export type State = readonly [
  name: string,
  reach: (server: Besieged, from: string) => Promise<Attacker>,
  /** The end of what a client hears that has only closed its side; otherwise just some line's end, or nothing. */
  lastWords?: RegExp,
];

type Service = "smtp" | "pop3" | "pop3s";

/** After these lines, each answered with a yes, and what is sent behind them without waiting. */
function after(service: Service, lines: readonly string[], unanswered = ""): State[1] {
  return async ({ ports }, from) => {
    // Half-closed means something only where the client does not close by itself what the server has closed.
    const options = { allowHalfOpen: true };
    const client = await Attacker.upTo(ports[service], from, lines, options);
    return unanswered === "" ? client : client.send(unanswered);
  };
}

/** The same over TLS. */
function overTls(service: Service, lines: readonly string[], secured: readonly string[]): State[1] {
  return async (server, from) => {
    const client = await after(service, lines)(server, from);
    await client.startTls({}, carriedBy);
    for (const line of secured) await client.ask(line);
    return client;
  };
}

const EHLO = "EHLO client.example";
const LOGIN = [`USER ${LARGE_MAILBOX}`, `PASS ${PASSWORD}`];
/** The beginning of a ClientHello, whose rest does not come. */
const HALF_A_HANDSHAKE = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
const HEADER = "Subject: broken-off\r\n";

export const SMTP_STATES: readonly State[] = [
  ["before the greeting", beforeTheGreeting],
  ["after the greeting", after("smtp", [])],
  ["in a command", after("smtp", [], "EHL")],
  ["after EHLO", after("smtp", [EHLO])],
  ["after MAIL", after("smtp", transaction(USER).slice(0, 2))],
  ["after RCPT", after("smtp", transaction(USER))],
  ["in the header section", after("smtp", [...transaction(USER), "DATA"], HEADER)],
  ["in DATA", after("smtp", [...transaction(USER), "DATA"], `${HEADER}\r\n${"x".repeat(400_000)}`)],
  ["in a chunk of BDAT", after("smtp", transaction(USER), `BDAT 900000\r\n${HEADER}`)],
  ["between two chunks", after("smtp", [...transaction(USER), "BDAT 0"])],
  [
    "after the final dot, before its answer",
    after("smtp", [...transaction(USER), "DATA"], `${HEADER}\r\nx\r\n.\r\n`),
    /\r\n250 2\.0\.0 accepted as [^\n]*\n$/,
  ],
  ["after STARTTLS", after("smtp", [EHLO, "STARTTLS"])],
  ["in the handshake after STARTTLS", after("smtp", [EHLO, "STARTTLS"], HALF_A_HANDSHAKE)],
  ["after TLS", overTls("smtp", [EHLO, "STARTTLS"], [])],
  ["in a transaction over TLS", overTls("smtp", [EHLO, "STARTTLS"], transaction(USER))],
  ["after QUIT", after("smtp", [], "QUIT\r\n"), /\r\n221 2\.0\.0 [^\n]*\n$/],
];

export const POP3_STATES: readonly State[] = [
  ["before login", after("pop3", [])],
  ["after USER", after("pop3", LOGIN.slice(0, 1))],
  [
    "while the password is checked",
    after("pop3", LOGIN.slice(0, 1), "PASS wrong\r\n"),
    /\r\n-ERR \[AUTH\] [^\n]*\n$/,
  ],
  ["in AUTH", after("pop3", ["AUTH PLAIN"])],
  ["in the handshake after STLS", after("pop3", ["STLS"], HALF_A_HANDSHAKE)],
  ["over TLS", overTls("pop3", ["STLS"], ["CAPA"])],
  ["in the handshake of POP3S", ({ ports }, from) => halfway(ports.pop3s, from), /^[^]+$/],
  ["logged in", after("pop3", LOGIN)],
  ["with a message to be deleted", after("pop3", [...LOGIN, "DELE 1"])],
  ["in RETR of a large message", after("pop3", LOGIN, "RETR 1\r\n"), /x\r\n\.\r\n$/],
  ["after QUIT", after("pop3", LOGIN, "QUIT\r\n"), /\r\n\+OK bye\r\n$/],
];

/** The server has looked at it, and has not greeted it yet: a connection that is reset before leaves no trace anywhere. */
async function beforeTheGreeting({ ports }: Besieged, from: string): Promise<Attacker> {
  const client = await Attacker.at(ports.smtp, from, { allowHalfOpen: true });
  await setTimeout(GREETING_DELAY_MS / 2);
  return client;
}

async function halfway(port: number, from: string): Promise<Attacker> {
  const client = await Attacker.at(port, from, { allowHalfOpen: true });
  client.send(await clientHello());
  await client.hearsEnough(isServerHello);
  return client;
}
