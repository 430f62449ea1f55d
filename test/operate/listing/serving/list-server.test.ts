/** The list server with its threads over loopback: zones change under questions, ports change, threads die, it ends. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { DEFAULT_RULES, type AnswerCounts, type PublishedZone } from "../../../../src/operate/listing/answering/index.ts"; // prettier-ignore
import {
  ListServer,
  ListStatistics,
  type ServedLists,
} from "../../../../src/operate/listing/serving/index.ts";
import { ListenError } from "../../../../src/net/index.ts";
import { MemoryLog, until } from "../../../net/echo.ts";
import { eventually } from "../../../support/eventually.ts";
import { asker, askByStream, type Asker } from "./asking.ts";
import { ip } from "../asking.ts";

const PROGRAM = new URL("./scripted-thread.ts", import.meta.url);

function zone(serial: number): PublishedZone {
  const times = { refresh: 1, retry: 1, expire: 1, ttl: 1, negativeTtl: 1 };
  const ends = { validUntil: undefined, retired: false };
  const content = { sources: [], nonTerminals: [], transferTo: [] };
  const names = { origin: "bl.example", ns: ["ns.example"], contact: "x.example" };
  return { kind: "addresses", serial, ...names, ...times, ...ends, ...content };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

class Rig {
  readonly log = new MemoryLog();
  readonly statistics = new ListStatistics();
  readonly deps = {
    log: this.log,
    count: (counts: AnswerCounts): void => this.statistics.add(counts),
    program: PROGRAM,
  };
  readonly lists: ServedLists;

  constructor(port: number, serial = 1) {
    this.lists = {
      zones: [zone(serial)],
      rules: DEFAULT_RULES,
      limits: { connections: 100, connectionsPerAddress: 2, idleMs: 10_000, crowdedMs: 10_000 },
      ports: [{ setting: "listen.dns", address: "127.0.0.1", port }],
      threads: 2,
    };
  }

  async open(t: TestContext): Promise<ListServer> {
    const server = await ListServer.open(this.lists, this.deps);
    let stopped: Promise<void> | undefined;
    const stop = server.stop.bind(server);
    server.stop = (graceMs) => (stopped ??= stop(graceMs));
    t.after(() => server.stop(0));
    return server;
  }
}

async function askers(t: TestContext, port: number, count: number): Promise<readonly Asker[]> {
  const all = await Promise.all(Array.from({ length: count }, () => asker(port)));
  t.after(() => {
    for (const one of all) one.close();
  });
  return all;
}

test("one port answers datagrams in all threads, and streams", async (t) => {
  const rig = new Rig(0, 7);
  const server = await rig.open(t);
  const port = server.ports[0]?.port ?? assert.fail();
  assert.ok(port > 0);
  const clients = await askers(t, port, 20);
  const heard = await Promise.all(clients.map(({ ask }) => ask("who")));
  assert.deepEqual(new Set(heard), new Set(["7 who"]));
  assert.deepEqual(await askByStream(port, ["a", "b"], 2), ["7 a", "7 b"]);
  const parts = await askByStream(port, ["all", "then"], 8);
  assert.deepEqual([parts.length, parts.at(-1)], [8, "7 then"]);
});

test("zones are swapped under questions: each has an answer, and none an older one than before it", async (t) => {
  const server = await new Rig(0).open(t);
  const port = server.ports[0]?.port ?? assert.fail();
  const clients = await askers(t, port, 10);
  const swapping = new AbortController();
  const asked = clients.map(async ({ ask }) => {
    let [last, count] = [0, 0];
    for (; !swapping.signal.aborted; count++) {
      const answer = await ask("x");
      assert.ok(answer !== undefined, "no question is lost");
      const serial = Number.parseInt(answer, 10);
      assert.ok(serial >= last, `${serial} after ${last}`);
      last = serial;
    }
    return count;
  });
  for (let serial = 2; serial <= 30; serial++) {
    await server.replace([zone(serial)]);
    // From here on everybody has the new one.
    const [now] = await askByStream(port, ["now"], 1);
    assert.equal(now, `${serial} now`);
  }
  swapping.abort();
  const counts = await Promise.all(asked);
  assert.ok(counts.every((count) => count > 0));
  const latest = await Promise.all(clients.map(({ ask }) => ask("end")));
  assert.deepEqual(new Set(latest), new Set(["30 end"]));
});

test("other ports: the new one answers, the old one is closed, what stays is not touched", async (t) => {
  const [first, second, third] = [await freePort(), await freePort(), await freePort()];
  const rig = new Rig(first);
  const server = await rig.open(t);
  const at = (port: number) => ({ setting: "listen.dns", address: "127.0.0.1", port });
  await server.serve({ ...rig.lists, ports: [at(first), at(second)] });
  const [old, fresh] = await Promise.all([asker(first), asker(second)]);
  assert.deepEqual([await old.ask("x"), await fresh.ask("x")], ["1 x", "1 x"]);
  await server.serve({ ...rig.lists, ports: [at(second), at(third)], zones: [zone(2)] });
  assert.equal(await fresh.ask("y"), "2 y");
  const probe = createSocket("udp4"); // the first one is free again
  probe.bind(first, "127.0.0.1");
  await once(probe, "listening");
  for (const one of [old, fresh, probe]) one.close();
});

test("a port that is taken changes nothing, and is told in words", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const { port: busy } = taken.address() as AddressInfo;
  const isTold = (error: unknown): boolean =>
    error instanceof ListenError && error.message.includes(`port ${busy} (setting listen.dns)`);
  await assert.rejects(ListServer.open(new Rig(busy).lists, new Rig(busy).deps), isTold);

  const rig = new Rig(await freePort());
  const server = await rig.open(t);
  const [wanted] = rig.lists.ports;
  assert.ok(wanted !== undefined);
  const worse = { ...rig.lists, zones: [zone(9)], ports: [wanted, { ...wanted, port: busy }] };
  await assert.rejects(server.serve(worse), isTold);
  assert.deepEqual(server.ports, [wanted]);
  const clients = await askers(t, wanted.port, 10);
  const heard = await Promise.all(clients.map(({ ask }) => ask("x")));
  assert.deepEqual(new Set(heard), new Set(["1 x"]));
});

test("where single addresses cannot be had, all addresses' socket answers, and that is told", async (t) => {
  const rig = new Rig(0);
  const deps = { ...rig.deps, machine: () => [ip("127.0.0.1"), ip("203.0.113.1"), ip("203.0.113.2")] }; // prettier-ignore
  const ports = [{ setting: "listen.dns", address: "0.0.0.0", port: 0 }];
  const server = await ListServer.open({ ...rig.lists, ports }, deps);
  t.after(() => server.stop(0));
  const [client] = await askers(t, server.ports[0]?.port ?? assert.fail(), 1);
  assert.equal(await client?.ask("x"), "1 x");
  await server.replace([zone(2)]);
  assert.equal(await client?.ask("x"), "2 x");
  const told = rig.log.lines.filter(({ event }) => event.startsWith("addresses have no sockets"));
  assert.equal(told.length, 1);
  assert.match(String(told[0]?.fields["problem"]), /203\.0\.113\.1/);
});

test("a thread that dies is started again with what is served now, and that is told", async (t) => {
  const port = await freePort();
  const rig = new Rig(port);
  const server = await rig.open(t);
  const [one] = await askers(t, port, 1);
  await one?.ask("die");
  await askByStream(port, ["die"], 1);
  await until(() => rig.log.events("error").length === 2);
  await server.replace([zone(5)]); // while two of three are dead
  await until(() => rig.log.events("info").length === 2);
  assert.deepEqual(new Set(rig.log.events("error")), new Set(["list server thread ended"]));
  assert.deepEqual(new Set(rig.log.events("info")), new Set(["list server thread started again"]));
  const clients = await askers(t, port, 20);
  const heard = await Promise.all(clients.map(({ ask }) => ask("x")));
  assert.deepEqual(new Set(heard), new Set(["5 x"]));
  assert.deepEqual(await askByStream(port, ["s"], 1), ["5 s"]);
});

test("one address has its own limit of connections", async (t) => {
  const server = await new Rig(0).open(t);
  const port = server.ports[0]?.port ?? assert.fail();
  const held = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(held.map((socket) => once(socket, "connect")));
  assert.deepEqual(await askByStream(port, ["x"], 1), []);
  for (const socket of held) socket.destroy();
  const [answer] = await eventually("room", async () => {
    const heard = await askByStream(port, ["x"], 1);
    return heard.length > 0 ? heard : undefined;
  });
  assert.equal(answer, "1 x");
});

test("at the end what had been asked is answered and counted", async (t) => {
  const rig = new Rig(0);
  const server = await rig.open(t);
  const port = server.ports[0]?.port ?? assert.fail();
  const clients = await askers(t, port, 30);
  const heard = clients.map(({ ask }) => ask("x"));
  await server.stop(5000);
  assert.deepEqual(new Set(await Promise.all(heard)), new Set(["1 x"]));
  const { zones, networks } = rig.statistics.take();
  assert.equal(zones.get("bl.example.org")?.listed, 30);
  assert.deepEqual(networks, [{ network: "127.0.0.0/24", queries: 30, listed: 30 }]);
  assert.equal(rig.statistics.take().zones.size, 0);
});
