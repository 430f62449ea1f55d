/** Clients that send too much of something: each meets a named limit, hears which, and normal mail does not notice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { USER } from "../../e2e/site.ts";
import { Attacker, transaction } from "./attacker.ts";
import { Besieged } from "./besieged.ts";
import { assertNear, siege, underSiege, type Attack } from "./siege.ts";

/** How often each line was said, in the order in which they first came; the session's id is left out. */
function tally(said: string): [string, number][] {
  const lines = said.replaceAll(/ \[[0-9a-z]{12}\]/g, "").split("\r\n");
  const counts = new Map<string, number>();
  for (const line of lines.slice(0, -1)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts];
}

const TOO_MANY_RECIPIENTS = "452 4.5.3 too many recipients, send the rest in another transaction";

const TOO_MUCH: readonly (readonly [string, Attack])[] = [
  [
    "a command line of ten megabytes is refused, and the next command is not",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, ["EHLO client.example"]);
      client.send("x".repeat(10_000_000));
      assert.match(await client.ask(""), /^500 5\.5\.2 command line too long \[/);
      assert.match(await client.ask("QUIT"), /^221 2\.0\.0/);
      await client.ends();
      await server.explains(from, /refused: 500 5\.5\.2 command line too long$/m);
    },
  ],
  [
    "a header section of ten megabytes is refused when it ends",
    async (server, from) => {
      const lines = [...transaction(USER), "DATA"];
      const client = await Attacker.upTo(server.ports.smtp, from, lines);
      client.send(`X-Header: ${"x".repeat(900)}\r\n`.repeat(11_000));
      assert.match(await client.ask("\r\nx\r\n."), /^552 5\.3\.4 header section too long \[/);
      assert.match(await client.ask("QUIT"), /^221 2\.0\.0/);
      await client.ends();
      await server.explains(from, /refused: 552 5\.3\.4 header section too long$/m);
    },
  ],
  [
    "100,000 RCPT: as many as the limit are taken, as many again excused, and 20 more are the end",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, transaction(USER).slice(0, 2));
      const before = client.text.length;
      client.send(`RCPT TO:<${USER}>\r\n`.repeat(100_000));
      assert.deepEqual(tally((await client.ends()).slice(before)), [
        ["250 2.1.5 recipient ok", 1000],
        [TOO_MANY_RECIPIENTS, 1020],
        ["421 4.7.0 too many errors", 1],
      ]);
      await server.explains(from, /  too many errors$/m);
    },
  ],
  [
    "100,000 RCPT for nobody: 20, and that is the end",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, transaction(USER).slice(0, 2));
      const before = client.text.length;
      client.send("RCPT TO:<nobody@local.example>\r\n".repeat(100_000));
      const [[refusal, times] = [], ...end] = tally((await client.ends()).slice(before));
      assert.match(refusal ?? "", /^550 5\.1\.1 /);
      assert.equal(times, 20);
      assert.deepEqual(end, [["421 4.7.0 too many errors", 1]]);
      await server.explains(from, /refused: 550 5\.1\.1 .* \(and 19 before\)$/m);
    },
  ],
  [
    "100,000 QUIT at once have one answer",
    async (server, from) => {
      const client = await Attacker.upTo(server.ports.smtp, from, []);
      const before = client.text.length;
      const said = await client.send("QUIT\r\n".repeat(100_000)).ends();
      assert.deepEqual(tally(said.slice(before)), [["221 2.0.0 closing connection", 1]]);
    },
  ],
  [
    "more connections than an address may have are told so",
    async (server, from) => {
      const ports = [server.ports.smtp, server.ports.pop3];
      const clients = Array.from({ length: 100 }, (_, i) =>
        Attacker.upTo(ports[i % 2] ?? 0, from, []),
      );
      const held = await Promise.all(clients);
      const smtp = await Attacker.at(server.ports.smtp, from);
      assert.equal(
        await smtp.ends(),
        "421 4.7.0 too many connections from your address, try again later\r\n",
      );
      const pop3 = await Attacker.at(server.ports.pop3, from);
      assert.equal(
        await pop3.ends(),
        "-ERR [SYS/TEMP] too many connections from your address, try again later\r\n",
      );
      const pop3s = await Attacker.at(server.ports.pop3s, from);
      assert.equal(await pop3s.ends(), "");
      await server.logged(
        new RegExp(`"ip":"${from}","limit":"connectionsPerAddress".*"connection turned away"`),
      );
      for (const client of held) client.close();
    },
  ],
];

test("too much of something", { timeout: 60_000 }, (t) => siege(t, {}, TOO_MUCH));

const QUITS = 3000;
const AT_ONCE = 50;

test(
  `${QUITS} connections that only say QUIT are one row of the journal, and not ${QUITS} lines of the log`,
  {
    timeout: 60_000,
  },
  (t) => {
    const settings = ["log.lines_per_address=100"];
    const quit = async (server: Besieged, from: string): Promise<void> => {
      const clients = Array.from({ length: AT_ONCE }, async () => {
        for (let i = 0; i < QUITS / AT_ONCE; i++) {
          const client = await Attacker.at(server.ports.smtp, from);
          await client.reply();
          client.send("QUIT\r\n");
          assert.match(await client.ends(), /^220 .*\r\n221 2\.0\.0 closing connection\r\n$/);
        }
      });
      await Promise.all(clients);
      await server.explains(from, new RegExp(`×${QUITS}  quit$`, "m"));
      await server.memory(); // and its log is written out
      assert.equal(server.log.split(`"ip":"${from}"`).length - 1, 100);
    };
    return siege(t, { settings }, [["by one address", quit]]);
  },
);

const READERS = 100;

/** Octets by which the process may grow for each: a segment that came, one that waits, some replies, and room between them. */
const HELD_OCTETS = 1_600_000;

/** Resolves when nothing more of what these clients have to say is taken. */
async function nothingMoves(clients: readonly Attacker[]): Promise<void> {
  const taken = (): number =>
    clients.reduce((sum, { socket }) => sum + socket.bytesWritten - socket.writableLength, 0);
  for (let before = -1; before < taken();) {
    before = taken();
    await setTimeout(500);
  }
}

test("clients that read no reply do not fill the memory", { timeout: 60_000 }, async (t) => {
  const server = await Besieged.start({});
  t.after(() => server.end());
  const flood = async (): Promise<void> => {
    const before = await server.memory();
    const clients = Array.from({ length: READERS }, async () => {
      const client = await Attacker.upTo(server.ports.smtp, "127.0.0.2", []);
      client.socket.pause();
      client.send("EHLO a\r\n".repeat(200_000));
      return client;
    });
    const held = await Promise.all(clients);
    await nothingMoves(held);
    const now = await server.memory();
    for (const client of held) client.reset();
    assertNear(now.residentOctets, before.residentOctets, READERS * HELD_OCTETS, "resident");
  };
  await underSiege(server, flood);
});
