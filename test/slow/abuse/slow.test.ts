/** Clients that are slow, silent or without an end: each is ended by a limit of its own, and normal mail does not notice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { USER, PASSWORD } from "../../e2e/site.ts";
import { Attacker, transaction } from "./attacker.ts";
import type { Besieged } from "./besieged.ts";
import { siege, type Attack } from "./siege.ts";
import { deliverLarge, LARGE_MAILBOX } from "./states.ts";

/** Milliseconds between two octets of a client that trickles. */
const TRICKLE_MS = 200;

const TIMEOUT = /\r\n421 4\.4\.2 waited too long for you \[[0-9a-z]{12}\]\r\n$/;

/** Says this octet again and again until the server has ended the connection; resolves to all it has said. */
async function trickle(client: Attacker, octets: string): Promise<string> {
  const timer = setInterval(() => client.send(octets), TRICKLE_MS);
  const said = await client.ends();
  clearInterval(timer);
  return said;
}

/** Says it as fast as the network takes it, without an end. */
function pour(client: Attacker, octets: string): Promise<string> {
  const { socket } = client;
  const pourMore = (): void => {
    while (socket.writable && socket.write(octets)); // until it is full
  };
  socket.on("drain", pourMore);
  pourMore();
  return client.ends();
}

/** Ended by the time limit, which the journal tells. */
async function timedOut(server: Besieged, from: string, said: string): Promise<void> {
  assert.match(said, TIMEOUT);
  await server.explains(from, /  timeout$/m);
}

const SILENCE: readonly (readonly [string, Attack])[] = [
  [
    "a command that comes an octet at a time and has no end",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, []);
      await timedOut(server, from, await trickle(client, "N"));
    },
  ],
  [
    "an endless command line",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, ["EHLO client.example"]);
      await timedOut(server, from, await pour(client, "x".repeat(65_536)));
    },
  ],
  [
    "silence in DATA",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, [...transaction(USER), "DATA"]);
      await timedOut(server, from, await client.send("Subject: never\r\n").ends());
    },
  ],
  [
    "silence in a chunk of BDAT",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, transaction(USER));
      await timedOut(server, from, await client.send("BDAT 100000 LAST\r\nx").ends());
    },
  ],
  [
    "commands without end from a client that reads no reply",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, []);
      client.socket.pause();
      const said = pour(client, "EHLO client.example\r\n".repeat(1000));
      await server.logged(new RegExp(`"ip":"${from}".*"ending":"timeout"`));
      client.socket.resume();
      await timedOut(server, from, await said);
    },
  ],
  [
    "a POP3 client that does not log in",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.pop3, from, []);
      assert.match(await trickle(client, "N"), /^\+OK [^\n]*\n$/, "RFC 1939: not a word");
      await server.explains(from, /  timeout$/m);
    },
  ],
  [
    "a login that comes an octet at a time",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.pop3, from, ["AUTH PLAIN"]);
      assert.match(await trickle(client, "A"), /\r\n\+ \r\n$/);
      await server.explains(from, /  timeout$/m);
    },
  ],
  [
    "a TLS handshake that comes an octet at a time",
    async (server, from) => {
      const client = await Attacker.at(server.ports.pop3s, from);
      client.send(Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252)); // the beginning of a ClientHello
      assert.equal(await trickle(client, "\x03"), "");
      await server.logged(new RegExp(`"ip":"${from}".*"the TLS handshake took too long"`));
    },
  ],
  [
    "a TLS handshake after STARTTLS that does not begin",
    async (server, from) => {
      const lines = ["EHLO client.example", "STARTTLS"];
      const client = await Attacker.upTo(server.ports.smtp, from, lines);
      assert.match(await client.ends(), /\r\n220 2\.0\.0 ready to start TLS\r\n$/);
      await server.logged(new RegExp(`"ip":"${from}".*"the TLS handshake took too long"`));
      await server.explains(from, /  timeout$/m);
    },
  ],
];

test("silence, and what is as good as silence", { concurrency: true, timeout: 60_000 }, (t) => {
  const settings = [
    "limits.command_seconds=2",
    "limits.data_seconds=2",
    "limits.handshake_seconds=2",
    "pop3.login_seconds=2",
  ];
  return siege(t, { settings }, SILENCE);
});

const PROGRESS: readonly (readonly [string, Attack])[] = [
  [
    "a hundred messages that come an octet at a time",
    async (server, from) => {
      const writers = Array.from({ length: 100 }, async () => {
        const lines = [...transaction(USER), "DATA"];
        const client = await Attacker.upTo(server.ports.smtp, from, lines);
        assert.match(await trickle(client, "x"), TIMEOUT);
      });
      await Promise.all(writers);
      await server.explains(from, /×100  timeout$/m);
    },
  ],
  [
    "a header section without end",
    async (server, from) => {
      const lines = [...transaction(USER), "DATA"];
      const client = await Attacker.upTo(server.ports.smtp, from, lines);
      await timedOut(server, from, await pour(client, `X-Header: ${"x".repeat(900)}\r\n`));
    },
  ],
  [
    "commands without end",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, ["EHLO client.example"]);
      await timedOut(server, from, await trickle(client, "NOOP\r\n"));
    },
  ],
  [
    "a reader who takes an octet at a time",
    async (server, from) => {
      await deliverLarge(server);
      const login = [`USER ${LARGE_MAILBOX}`, `PASS ${PASSWORD}`];
      const client = await Attacker.upTo(server.ports.pop3, from, login);
      client.socket.removeAllListeners("data").pause();
      client.send("RETR 1\r\n");
      const reading = setInterval(() => void client.socket.read(1), TRICKLE_MS);
      await server.logged(new RegExp(`"ip":"${from}".*"ending":"timeout"`));
      clearInterval(reading);
      client.close();
      const next = await Attacker.upTo(server.ports.pop3, from, login);
      assert.match(await next.ask("STAT"), /^\+OK 1 20\d{6}\r\n$/, "the mailbox is free");
      next.close();
    },
  ],
];

test("what always gets on, and never to an end", { concurrency: true, timeout: 60_000 }, (t) =>
  siege(t, { settings: ["limits.session_seconds=3"], mailbox: LARGE_MAILBOX }, PROGRESS),
);
