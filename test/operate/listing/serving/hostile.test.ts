/** 50,000 packets of chance over a socket: no thread breaks, no answer is an answer to an answer, none is larger than allowed. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { encode } from "dns-packet";
import { DEFAULT_RULES, nonTerminalsOf, type PublishedZone } from "../../../../src/operate/listing/answering/index.ts"; // prettier-ignore
import { ListServer } from "../../../../src/operate/listing/serving/index.ts";
import { ListParser } from "../../../../src/policy/lists/index.ts";
import { Dice } from "../../../fuzz/dice.ts";
import { MemoryLog } from "../../../net/echo.ts";
import { eventually } from "../../../support/eventually.ts";
import { DnsQuestions } from "../../../interop/support/dns-questions.ts";

const PACKETS = 50_000;
/** Sent before others have their turn. */
const TOGETHER = 50;

/** Octets of an answer over UDP. */
const MOST = 1232;

const seed = Date.now() % 2 ** 31;

test(`${PACKETS} packets of chance over a socket (seed ${seed})`, async (t) => {
  const dice = new Dice(seed);
  const log = new MemoryLog();
  const server = await ListServer.open(
    {
      zones: [zone()],
      rules: { ...DEFAULT_RULES, access: [{ network: "127.0.0.0/8", action: "pass" }] },
      limits: { connections: 10, connectionsPerAddress: 10, idleMs: 10_000, crowdedMs: 10_000 },
      ports: [{ setting: "listen.dns", address: "127.0.0.1", port: 0 }],
      threads: 2,
    },
    { log, count() {} },
  );
  t.after(() => server.stop(0));
  const { port } = server.ports[0] ?? assert.fail();

  const largest = new Map<number, number>();
  let answers = 0;
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  socket.on("message", (answer) => {
    answers++;
    assert.ok(answer.length >= 12 && answer.length <= MOST, `${answer.length} octets`);
    assert.ok((answer.readUInt16BE(2) & 0x8000) !== 0, "it is an answer");
    const asked = largest.get(answer.readUInt16BE(0)) ?? assert.fail("nobody asked so");
    assert.ok(answer.length <= 2 * asked, `${answer.length} octets to ${asked}`);
  });
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  for (let sent = 0; sent < PACKETS; sent++) {
    const packet = madePacket(dice, sent & 0xffff);
    // Who has the same number again, some ten thousand later, counts with the larger one.
    const id = packet.length >= 2 ? packet.readUInt16BE(0) : -1;
    largest.set(id, Math.max(packet.length, largest.get(id) ?? 0));
    socket.send(packet);
    if (sent % TOGETHER === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const dns = await DnsQuestions.to(port);
  t.after(() => dns.close());
  const alive = await eventually("an answer", async () => {
    const [said] = await dns.ask([{ name: "7.2.0.192.bl.example", type: "A" }]);
    return said;
  });
  assert.equal(alive, 'NOERROR aa; A 2100 "127.0.0.2"');
  assert.ok(answers > PACKETS / 10, `${answers} answers`);
  assert.deepEqual(log.lines, []);
});

const NAMES = ["7.2.0.192.bl.example", "2.0.192.bl.example", "bl.example", "elsewhere.example"];
const TYPES = ["A", "TXT", "SOA", "NS", "AXFR", "MX"] as const;

/** A question, of which some octets are others, or some are missing, or too many. */
function madePacket(dice: Dice, id: number): Buffer {
  const [name, type] = [NAMES[dice.below(NAMES.length)] ?? "", dice.pick(TYPES)];
  let packet = encode({ type: "query", id, questions: [{ type, name }] });
  for (let changes = dice.below(4); changes > 0; changes--)
    packet[dice.below(packet.length)] = dice.below(256);
  if (dice.chance(10)) packet = packet.subarray(0, dice.below(packet.length));
  if (dice.chance(10)) packet = Buffer.concat([packet, Buffer.alloc(dice.below(600), dice.below(256))]); // prettier-ignore
  return packet;
}

function zone(): PublishedZone {
  const parser = new ListParser("ip4set");
  const text = `:2:${"a long reason ".repeat(12)}$\n192.0.2.7\n`;
  parser.push(new TextEncoder().encode(text));
  const datasets = parser.end().snapshot?.datasets ?? assert.fail();
  const times = { refresh: 7200, retry: 7200, expire: 604_800, ttl: 2100, negativeTtl: 300 };
  const content = {
    sources: [datasets],
    nonTerminals: datasets.map(nonTerminalsOf),
    transferTo: [],
  };
  const names = { origin: "bl.example", ns: ["ns1.example"], contact: "admin.example" };
  return { kind: "addresses", serial: 1, ...names, ...times, ...content, validUntil: undefined, retired: false }; // prettier-ignore
}
