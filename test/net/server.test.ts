/** Listeners, limits, proxies, stopping: over loopback, with a service that says back what it hears. */
import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { Duplex } from "node:stream";
import { test, type TestContext } from "node:test";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { parseCidr, type Cidr } from "../../src/mail/index.ts";
import {
  ListenError,
  makeSelfSigned,
  NetServer,
  type ConnectionLimits,
  type ListenerOptions,
} from "../../src/net/index.ts";
import { Client, EchoService, MemoryLog, until } from "./echo.ts";

const MANY: ConnectionLimits = {
  connections: 1000,
  connectionsPerAddress: 1000,
  connectionsPerNetwork: 1000,
};

/** A server with one port, stopped when the test ends. */
class Site {
  readonly log = new MemoryLog();
  readonly service = new EchoService();
  readonly net: NetServer;
  port = 0;

  constructor(limits: Partial<ConnectionLimits> = {}) {
    this.net = new NetServer(() => ({ ...MANY, ...limits }), this.log);
  }

  async listen(t: TestContext, options: Partial<ListenerOptions> = {}): Promise<this> {
    const listening = await this.net.listen({ ...LISTENER, ...options }, this.service);
    t.after(() => this.net.stop(0));
    this.port = listening.port;
    return this;
  }

  client(from = "127.0.0.1"): Client {
    return Client.to(this.port, { localAddress: from });
  }
}

const LISTENER: ListenerOptions = {
  name: "echo",
  setting: "listen.echo",
  address: "127.0.0.1",
  port: 0,
  implicitTls: false,
  proxyFrom: [],
};

const CONTEXT: Promise<SecureContext> = makeSelfSigned("mx.local.example", Date.now()).then(
  ({ certificate, key }) => createSecureContext({ cert: certificate, key }),
);

function block(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is no block`);
  return cidr;
}

test("a connection converses, is told who is there, and ends", async (t) => {
  const site = await new Site().listen(t);
  const client = site.client();
  await client.hears("hello\r\n");
  await client.send("one\r\n").hears("one\r\n");
  assert.equal(site.net.connections, 1);
  const { peer, calls } = await site.service.dialogue(0);
  const { localPort: port } = client.socket;
  assert.deepEqual(peer, { ip: "127.0.0.1", port, listener: "echo" });
  assert.equal(await client.send("QUIT\r\n").ends(), "hello\r\none\r\nbye\r\n");
  await until(() => site.net.connections === 0);
  assert.deepEqual(calls, ["start", "receive one\r\n", "receive QUIT\r\n", "closed"]);
});

// ---- Limits ----

test("a full server says so in the service's words and closes; room that comes free is used", async (t) => {
  const site = await new Site({ connections: 2 }).listen(t);
  const [one, two] = [site.client(), site.client()];
  await Promise.all([one.hears("hello\r\n"), two.hears("hello\r\n")]);
  assert.equal(await site.client().ends(), "full: connections\r\n");
  assert.deepEqual(site.log.lines.at(-1)?.fields, {
    ip: "127.0.0.1",
    limit: "connections",
    listener: "echo",
  });
  one.close();
  await until(() => site.net.connections === 1);
  await site.client().hears("hello\r\n");
  assert.equal(site.service.dialogues.length, 3);
});

test("one address has its own limit, others do not feel it", async (t) => {
  const site = await new Site({ connectionsPerAddress: 1 }).listen(t);
  const first = site.client();
  await first.hears("hello\r\n");
  assert.equal(await site.client().ends(), "full: connectionsPerAddress\r\n");
  await site.client("127.0.0.2").hears("hello\r\n");
  first.close();
  await until(() => site.net.connections === 1);
  await site.client().hears("hello\r\n");
});

test("an IPv6 /64 has one limit in common; IPv4 addresses have only their own", async (t) => {
  const proxyFrom = [block("127.0.0.1")];
  const site = await new Site({ connectionsPerNetwork: 1 }).listen(t, { proxyFrom });
  const from = (ip: string): Client =>
    site.client().send(`PROXY TCP${ip.includes(":") ? 6 : 4} ${ip} ${ip} 1 2\r\n`);
  await from("2001:db8:1:1::1").hears("hello\r\n");
  assert.equal(await from("2001:db8:1:1:ffff::2").ends(), "full: connectionsPerNetwork\r\n");
  await from("2001:db8:1:2::1").hears("hello\r\n");
  await from("192.0.2.1").hears("hello\r\n");
  await from("192.0.2.1").hears("hello\r\n");
});

test("limits are asked for each connection, so a reload reaches the next one", async (t) => {
  const limits: Partial<ConnectionLimits> = {};
  const site = new Site();
  const net = new NetServer(() => ({ ...MANY, ...limits }), site.log);
  const { port } = await net.listen(LISTENER, site.service);
  t.after(() => net.stop(0));
  await Client.to(port).hears("hello\r\n");
  Object.assign(limits, { connections: 1 });
  assert.equal(await Client.to(port).ends(), "full: connections\r\n");
});

test("where TLS is expected a full server only closes", async (t) => {
  const site = await new Site({ connections: 0 }).listen(t, { implicitTls: true });
  assert.equal(await site.client().ends(), "");
  assert.deepEqual(site.log.events("info"), ["connection turned away"]);
});

// ---- Ports ----

test("a port that is taken is an error that names port and setting", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo; // a TCP server's address is an AddressInfo
  await assert.rejects(new Site().listen(t, { port }), (error) => {
    assert.ok(error instanceof ListenError);
    assert.match(
      error.message,
      new RegExp(`127\\.0\\.0\\.1 port ${port} \\(setting listen\\.echo\\)`),
    );
    assert.match(error.message, /another program has this port/);
    return true;
  });
});

test("an address of another machine is an error in words too", async (t) => {
  await assert.rejects(
    new Site().listen(t, { address: "192.0.2.1" }),
    /this machine has no such address/,
  );
});

test("closing a port leaves the connections that stand", async (t) => {
  const site = new Site();
  const listening = await site.net.listen(LISTENER, site.service);
  t.after(() => site.net.stop(0));
  const client = Client.to(listening.port);
  await client.hears("hello\r\n");
  listening.close();
  await client.send("still\r\n").hears("still\r\n");
  assert.equal(await Client.to(listening.port).ends(), "");
});

test("IPv6: where the machine has ::1 it is served and :: leaves IPv4 alone, elsewhere the error says so", async (t) => {
  const families = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const site = new Site();
  if (!families.some(({ address }) => address === "::1")) {
    await assert.rejects(site.listen(t, { address: "::1" }), ListenError);
    return;
  }
  await site.listen(t, { address: "::1" });
  await Client.to(site.port, { host: "::1" }).hears("hello\r\n");
  assert.equal((await site.service.dialogue(0)).peer.ip, "::1");
  const all = await site.net.listen({ ...LISTENER, address: "::" }, site.service);
  await Client.to(all.port, { host: "::1" }).hears("hello\r\n");
  await site.net.listen({ ...LISTENER, address: "0.0.0.0", port: all.port }, site.service);
  await Client.to(all.port).hears("hello\r\n");
  assert.equal((await site.service.dialogue(2)).peer.ip, "127.0.0.1");
});

test("a connection that cannot be accepted is logged, again and again, and the port stays open", async (t) => {
  const opened: Server[] = [];
  const channel = diagnostics.channel("tracing:net.server.listen:asyncStart");
  const note = (message: unknown): void => void opened.push((message as { server: Server }).server);
  channel.subscribe(note);
  const site = await new Site().listen(t);
  channel.unsubscribe(note);
  const [server] = opened;
  assert.ok(server !== undefined);
  for (let i = 0; i < 3; i++) server.emit("error", new Error("accept EMFILE"));
  assert.deepEqual(site.log.events("error"), Array<string>(3).fill("connection not accepted"));
  await site.client().hears("hello\r\n");
});

// ---- Stopping ----

test("stopping lets sessions say goodbye, and ends when they have", async (t) => {
  const site = await new Site().listen(t);
  const clients = [site.client(), site.client()];
  for (const client of clients) await client.hears("hello\r\n");
  await site.net.stop(60_000);
  assert.equal(site.net.connections, 0);
  for (const client of clients) assert.equal(await client.ends(), "hello\r\nstopping\r\n");
  assert.equal(await site.client().ends(), "", "nobody is taken any more");
});

test("stopping waits no longer than it is told for those that do not go", async (t) => {
  const site = await new Site().listen(t);
  const client = site.client();
  await client.hears("hello\r\n");
  const dialogue = await site.service.dialogue(0);
  dialogue.shutdown = () => {}; // as one that still has something to do
  await site.net.stop(1);
  assert.equal(await client.ends(), "hello\r\n");
  assert.equal(dialogue.calls.at(-1), "closed");
});

test("stopping drops who is in a handshake or has not yet named its client", async (t) => {
  const site = new Site();
  const context = await CONTEXT;
  site.service.secureContext = () => context;
  await site.listen(t, { implicitTls: true });
  const proxied = await site.net.listen(
    { ...LISTENER, proxyFrom: [block("127.0.0.1")] },
    site.service,
  );
  const silent = site.client();
  const unnamed = Client.to(proxied.port).send("PROXY TCP4 192.0");
  await until(() => site.net.connections === 1 && unnamed.socket.bytesWritten > 0);
  await new Promise((resolve) => setImmediate(resolve));
  await site.net.stop(60_000);
  assert.deepEqual(await Promise.all([silent.ends(), unnamed.ends()]), ["", ""]);
  assert.equal(site.service.dialogues.length, 0);
});

// ---- Silence ----

test("who is silent for longer than its dialogue has patience is told so", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await new Site().listen(t);
  const client = site.client();
  await client.hears("hello\r\n");
  site.service.clock.advance(1000);
  t.mock.timers.tick(1000);
  await client.send("here\r\n").hears("here\r\n");
  site.service.clock.advance(1001);
  t.mock.timers.tick(1000);
  assert.equal(
    await client.send("QUIT\r\n").ends(),
    "hello\r\nhere\r\nbye\r\n",
    "it has just spoken",
  );
  const slow = site.client();
  await slow.hears("hello\r\n");
  site.service.clock.advance(1001);
  t.mock.timers.tick(1000);
  assert.equal(await slow.ends(), "hello\r\ntoo slow\r\n");
});

test("a crowded server gives up the silent ones, the oldest first, until it is not crowded any more", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await new Site({ connections: 10 }).listen(t);
  const clients: Client[] = [];
  for (let i = 0; i < 10; i++) {
    clients.push(site.client());
    await clients[i]?.hears("hello\r\n");
  }
  assert.deepEqual(site.log.events("warn"), []);
  const [oldest, next] = clients;
  const { crowdedPatience } = await site.service.dialogue(0);
  site.service.clock.advance(crowdedPatience + 1);
  t.mock.timers.tick(1000);
  assert.equal(await oldest?.ends(), "hello\r\ntoo slow\r\n");
  assert.deepEqual(site.log.events("warn"), ["crowded"]);
  await until(() => site.net.connections < 10);
  t.mock.timers.tick(1000);
  await next?.send("still\r\n").hears("still\r\n");
  assert.deepEqual(site.log.events("info"), ["not crowded any more"]);
});

// ---- Proxies ----

const V1 = "PROXY TCP4 192.0.2.9 192.0.2.1 4711 25\r\n";

/** Version 2, PROXY over TCP on IPv4 from 192.0.2.9 port 4711; or LOCAL. */
function v2(command: 0x20 | 0x21): Buffer {
  const header = Buffer.from(
    "0d0a0d0a000d0a515549540a0011000cc0000209c00002011267 0019".replace(" ", ""),
    "hex",
  );
  header[12] = command;
  return header;
}

test("a listed proxy names its client, by version 1 and 2, also in pieces and with the first words behind it", async (t) => {
  const site = await new Site().listen(t, { proxyFrom: [block("127.0.0.0/8")] });
  for (const header of [Buffer.from(V1), v2(0x21)]) {
    const n = site.service.dialogues.length;
    const glued = site.client().send(Buffer.concat([header, Buffer.from("word\r\n")]));
    await glued.hears("word\r\n");
    const pieces = site.client();
    for (const octet of header) {
      pieces.send(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await pieces.hears("hello\r\n");
    for (const i of [n, n + 1]) {
      const { peer } = await site.service.dialogue(i);
      assert.deepEqual(peer, { ip: "192.0.2.9", port: 4711, listener: "echo", proxy: "127.0.0.1" });
    }
  }
});

test("a proxy that speaks for itself is the peer", async (t) => {
  const site = await new Site().listen(t, { proxyFrom: [block("127.0.0.1")] });
  for (const header of [v2(0x20), "PROXY UNKNOWN\r\n"]) {
    const client = site.client().send(header);
    await client.hears("hello\r\n");
    assert.deepEqual(site.service.dialogues.at(-1)?.peer, {
      ip: "127.0.0.1",
      port: client.socket.localPort,
      listener: "echo",
      proxy: "127.0.0.1", // nobody behind a proxy is on this machine
    });
  }
});

test("a malformed header from a listed proxy closes without a word", async (t) => {
  const site = await new Site().listen(t, { proxyFrom: [block("127.0.0.1")] });
  for (const header of [
    "EHLO client.example\r\n",
    "PROXY TCP4 x y 1 2\r\n",
    `PROXY ${"x".repeat(200)}`,
  ])
    assert.equal(await site.client().send(header).ends(), "");
  assert.deepEqual(site.log.events("warn"), Array<string>(3).fill("malformed PROXY header"));
  assert.equal(site.service.dialogues.length, 0);
});

test("from anybody else the header is only a wrong command", async (t) => {
  const site = await new Site().listen(t, { proxyFrom: [block("127.0.0.9")] });
  const client = site.client().send(V1);
  await client.hears(V1);
  const { peer } = await site.service.dialogue(0);
  assert.deepEqual([peer.ip, peer.proxy], ["127.0.0.1", undefined]);
});

test("limits count the client, not the proxy", async (t) => {
  const site = await new Site({ connectionsPerAddress: 1 }).listen(t, {
    proxyFrom: [block("127.0.0.1")],
  });
  await site.client().send(V1).hears("hello\r\n");
  assert.equal(await site.client().send(V1).ends(), "full: connectionsPerAddress\r\n");
  await site.client().send(V1.replace("2.9", "2.10")).hears("hello\r\n");
});

test("a proxy that says nothing is dropped after ten seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const site = await new Site().listen(t, { proxyFrom: [block("127.0.0.1")] });
  const client = site.client().send("PROXY ");
  await until(() => client.socket.bytesWritten > 0);
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(10_000);
  assert.equal(await client.ends(), "");
  assert.equal(site.service.dialogues.length, 0);
});

/** The socket as TLS uses it, with `header` glued in front of its first octets. */
function behind(header: string, raw: Socket): Duplex {
  let ahead = Buffer.from(header);
  const duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      raw.write(Buffer.concat([ahead, chunk]), done);
      ahead = Buffer.alloc(0);
    },
  });
  raw.on("data", (bytes) => duplex.push(bytes)).on("close", () => duplex.destroy());
  return duplex;
}

test("implicit TLS begins behind the header, also when both arrive together", async (t) => {
  const context = await CONTEXT;
  const site = new Site();
  site.service.secureContext = () => context;
  await site.listen(t, { implicitTls: true, proxyFrom: [block("127.0.0.1")] });
  const raw = connect(site.port, "127.0.0.1");
  const client = new Client(connectTls({ socket: behind(V1, raw), rejectUnauthorized: false }));
  await client.hears("hello\r\n");
  const { peer } = await site.service.dialogue(0);
  assert.deepEqual([peer.ip, peer.proxy, peer.tls?.version], ["192.0.2.9", "127.0.0.1", "TLSv1.3"]);
  raw.destroy();
});
