/** Garbage where TLS is expected, in its handshake and after it, and handshakes by the thousand. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { carriedBy } from "../../net/echo.ts";
import { Attacker } from "./attacker.ts";
import type { Besieged } from "./besieged.ts";
import { clientHello, isServerHello } from "./hello.ts";
import { siege, type Attack } from "./siege.ts";

/** Garbage that no parser can take for anything: a record of an unknown kind, and random octets. */
const garbage = (): Buffer => Buffer.concat([Buffer.of(0xff, 0xff, 0xff), randomBytes(1000)]);

/** The connection is closed, and the log says that it was for TLS. */
async function closedForTls(server: Besieged, from: string, client: Attacker): Promise<void> {
  await client.ends();
  await server.logged(new RegExp(`"ip":"${from}".*"problem":"TLS: .*"connection error"`));
}

/** As a client that has come up to where TLS begins. */
type Opening = (server: Besieged, from: string) => Promise<Attacker>;

const OPENINGS: readonly (readonly [string, Opening, "journalled" | "logged"])[] = [
  ["POP3S", (server, from) => Attacker.at(server.ports.pop3s, from), "logged"],
  [
    "STARTTLS",
    ({ ports }, from) => Attacker.upTo(ports.smtp, from, ["EHLO client.example", "STARTTLS"]),
    "journalled",
  ],
  ["STLS", ({ ports }, from) => Attacker.upTo(ports.pop3, from, ["STLS"]), "journalled"],
];

const GARBAGE = OPENINGS.flatMap(([name, open, trace]): (readonly [string, Attack])[] => [
  [
    `${name}: garbage instead of a handshake`,
    async (server, from) => {
      const client = await open(server, from);
      const before = client.text;
      await closedForTls(server, from, client.send(garbage()));
      assert.equal(client.text, before, "and nothing is said in the clear");
      if (trace === "journalled") await server.explains(from, /closed by client$/m);
    },
  ],
  [
    `${name}: garbage in the middle of a handshake`,
    async (server, from) => {
      const client = await open(server, from);
      await closedForTls(server, from, client.send(await clientHello()).send(garbage()));
    },
  ],
  [
    `${name}: garbage in a session`,
    async (server, from) => {
      const client = await open(server, from);
      const raw = client.socket;
      await client.startTls({}, carriedBy);
      raw.write(garbage());
      await closedForTls(server, from, client);
      await server.explains(from, /closed by client$/m);
    },
  ],
]);

test("TLS garbage", { concurrency: true, timeout: 60_000 }, (t) => siege(t, {}, GARBAGE));

/** Handshakes in all, and how many are begun at the same time: half as many as one address may have connections, for the server may see the next one before the end of the last. */
const HANDSHAKES = 2000;
const AT_ONCE = 50;

test("a flood of handshakes, each given up when it has cost us most", { timeout: 60_000 }, (t) => {
  const flood = async (server: Besieged, from: string): Promise<void> => {
    const hello = await clientHello();
    const clients = Array.from({ length: AT_ONCE }, async () => {
      for (let i = 0; i < HANDSHAKES / AT_ONCE; i++) {
        const client = await Attacker.at(server.ports.pop3s, from);
        client.send(hello);
        await client.hearsEnough(isServerHello);
        client.reset();
        await client.ends();
      }
    });
    await Promise.all(clients);
    await server.logged(new RegExp(`"ip":"${from}".*"problem":"read ECONNRESET"`));
  };
  return siege(t, {}, [["by one address", flood]]);
});
