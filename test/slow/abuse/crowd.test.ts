/** Ten thousand connections that say nothing; a house full of them; and fewer files than connections. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { openFilesLimit } from "../../../src/net/index.ts";
import { Attacker } from "./attacker.ts";
import { Besieged } from "./besieged.ts";
import { assertNear, siege, underSiege, type Attack } from "./siege.ts";

/** As many as this machine lets a process have, where that is less: files of our own and of the server's have to be left. */
const CONNECTIONS = Math.min(10_000, Math.floor((openFilesLimit() - 500) * 0.85));

const PER_ADDRESS = 100;

/** Connected at a time: more would only wait in the server's backlog. */
const STEP = 250;

/** Octets of resident memory that two more times may cost. What ten thousand connections hold is seventy million. */
const TWO_TIMES_OCTETS = 70_000_000;

/** The connections of one address after the other, each of them greeted. */
async function idleConnections(port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < CONNECTIONS) {
    const step = Array.from({ length: Math.min(STEP, CONNECTIONS - sockets.length) }, (_, i) =>
      connect({ port, host: "127.0.0.1", localAddress: addressOf(sockets.length + i) }),
    );
    for (const [greeting] of await Promise.all(step.map((socket) => once(socket, "data"))))
      assert.match(String(greeting), /^220 /);
    sockets.push(...step);
  }
  return sockets;
}

function addressOf(n: number): string {
  return `127.0.${1 + Math.floor(n / PER_ADDRESS)}.1`;
}

test(`${CONNECTIONS} idle connections`, { timeout: 120_000 }, async (t) => {
  const server = await Besieged.start({ settings: ["limits.connections=12000"] });
  t.after(() => server.end());
  const round = async (): Promise<void> => {
    const sockets = await idleConnections(server.ports.smtp);
    assert.ok(server.sockets >= CONNECTIONS);
    await setTimeout(1000); // with normal mail in it
    for (const socket of sockets) socket.destroy();
  };
  const first = await underSiege(server, round);
  await underSiege(server, round);
  const third = await underSiege(server, round);
  assertNear(third.residentOctets, first.residentOctets, TWO_TIMES_OCTETS, "resident");
  await server.explains(addressOf(0), /×300  closed by client$/m);
});

/** Addresses that take all they may, which is more than there is. */
const GREEDY = ["127.0.1.1", "127.0.1.2", "127.0.1.3"];

/** Connects as often as the address may, and resolves to what each of them hears at once. */
async function takeAll(server: Besieged, from: string): Promise<[Attacker, string][]> {
  const clients = Array.from({ length: PER_ADDRESS }, async (): Promise<[Attacker, string]> => {
    const client = await Attacker.at(server.ports.smtp, from);
    return [client, await client.reply()];
  });
  return Promise.all(clients);
}

const REFUSED = "421 4.7.0 too many connections from your address, try again later\r\n";

/** Nine tenths are for the first who come; then each of these addresses is told that it has enough. */
async function fillTheHouse(server: Besieged, places: number): Promise<Attacker[]> {
  const all = [];
  for (const from of GREEDY) all.push(...(await takeAll(server, from)));
  const refused = all.filter(([, reply]) => reply.startsWith("421"));
  for (const [, reply] of refused) assert.equal(reply, REFUSED);
  const held = all.length - refused.length;
  assert.ok(held > 0.85 * places && held < 0.95 * places, `${held} connections are held`);
  return all.map(([client]) => client);
}

const fullHouse: Attack = async (server) => {
  const clients = await fillTheHouse(server, 200);
  const said = await Promise.race(clients.slice(0, 10).map((client) => client.ends()));
  assert.match(said, /\r\n421 4\.4\.2 waited too long for you \[[0-9a-z]{12}\]\r\n$/);
  await server.logged(/"level":"warn".*"connections":1\d\d,"todo":.*"msg":"crowded"/);
  await server.explains(GREEDY[0] ?? "", /  timeout$/m);
  for (const client of clients) client.close();
};

test(
  "a house full of idle connections has room for others, and loses patience",
  {
    timeout: 60_000,
  },
  (t) =>
    siege(t, { settings: ["limits.connections=200", "limits.crowded_seconds=1"] }, [
      ["by three addresses", fullHouse],
    ]),
);

test(
  "fewer files than connections: the server knows, and nobody is turned away without a word",
  {
    timeout: 60_000,
  },
  (t) => {
    const attack: Attack = async (server) => {
      await server.logged(
        /"connections":150,"configured":10000,"todo":"raise the limit of open files/,
      );
      for (const client of await fillTheHouse(server, 150)) client.close();
    };
    return siege(t, { openFiles: 250 }, [["three addresses take all they may", attack]]);
  },
);
