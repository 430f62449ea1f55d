/** The relay tests' connector over sockets: plain, by STARTTLS, in TLS at once; ends, silence, floods. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { test, type TestContext } from "node:test";
import type { Ip } from "../../src/mail/index.ts";
import { makeSelfSigned, NetDialler } from "../../src/net/index.ts";
import { connectForTest } from "../../src/app/tester-connection.ts";
import type { Arrival, Connection } from "../../src/operate/relaytest/index.ts";
import type { NotReached } from "../../src/operate/tester/index.ts";
import { silentLog, systemClock } from "../../src/runtime/index.ts";
import { ScriptedServer, SERVER_TLS } from "../support/scripted-server.ts";

const LOOPBACK = "127.0.0.1" as Ip; // it is one
const PATIENCE_MS = 10_000;

async function dial(
  t: TestContext,
  port: number,
  implicitTls = false,
): Promise<Connection | NotReached> {
  const limits = { handshakeMs: 10_000, sessionMs: 60_000 };
  const dialler = new NetDialler({ clock: systemClock, log: silentLog, ...limits });
  t.after(() => dialler.stop(0));
  return connectForTest(dialler, { ip: LOOPBACK, port, implicitTls, host: "mx.example.org" }, 5000);
}

async function connected(t: TestContext, port: number, implicitTls = false): Promise<Connection> {
  const connection = await dial(t, port, implicitTls);
  assert.ok(!("kind" in connection), JSON.stringify(connection));
  t.after(() => connection.close());
  return connection;
}

async function listening(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  }).listen(0, LOOPBACK);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // of a TCP server
}

function text(arrival: Arrival): string {
  return arrival.kind === "octets" ? arrival.octets : arrival.kind;
}

test("it says and hears octets, by STARTTLS too, and hears the end", async (t) => {
  const server = await ScriptedServer.open(t, { offers: ["STARTTLS"], tls: await SERVER_TLS });
  const connection = await connected(t, server.port);
  const say = async (line: string): Promise<string> => {
    connection.write(`${line}\r\n`);
    return text(await connection.read(PATIENCE_MS));
  };
  assert.match(text(await connection.read(PATIENCE_MS)), /^220 /);
  assert.match(await say("EHLO tester.example"), /STARTTLS/);
  assert.match(await say("STARTTLS"), /^220 /);
  assert.equal(await connection.startTls(), true);
  assert.match(await say("EHLO tester.example"), /^250/);
  assert.match(await say("QUIT"), /^221 /);
  assert.equal((await connection.read(PATIENCE_MS)).kind, "closed");
});

test("TLS comes first where it does", async (t) => {
  const { certificate: cert, key } = await makeSelfSigned("mx.example.org", Date.now());
  const server = createTlsServer({ cert, key }, (socket) => socket.end("220 in TLS\r\n"));
  server.listen(0, LOOPBACK);
  t.after(() => server.close());
  await once(server, "listening");
  const connection = await connected(t, (server.address() as AddressInfo).port, true);
  assert.equal(text(await connection.read(PATIENCE_MS)), "220 in TLS\r\n");
});

test("where there is no TLS there is no connection, or no handshake", async (t) => {
  const port = await listening(t, (socket) => socket.end("220 hello\r\n"));
  assert.deepEqual(await dial(t, port, true), {
    kind: "not reached",
    why: "the TLS handshake failed",
  });
  const connection = await connected(t, port);
  await connection.read(PATIENCE_MS);
  assert.equal(await connection.startTls(), false);
});

test("nobody listens: it says so", async (t) => {
  const port = await listening(t, () => {});
  assert.deepEqual(await dial(t, port === 1 ? 2 : 1), {
    kind: "not reached",
    why: "connection refused",
  });
});

test("silence is silence after the time that was given", async (t) => {
  const connection = await connected(t, await listening(t, () => {}));
  assert.equal((await connection.read(1)).kind, "silence");
});

test("a flood waits in the network, not here", async (t) => {
  const chunk = Buffer.alloc(65_536, "x");
  let written = 0;
  const port = await listening(t, (socket) => {
    const pour = (): void => {
      for (let more = true; more && written < 2000; written++) more = socket.write(chunk);
    };
    socket.on("drain", pour);
    pour();
  });
  const connection = await connected(t, port);
  let largest = 0;
  for (let reads = 0; reads < 50; reads++) {
    const arrival = await connection.read(PATIENCE_MS);
    assert.equal(arrival.kind, "octets");
    largest = Math.max(largest, text(arrival).length);
  }
  assert.ok(largest <= 65_536 * 3, `${largest} octets waited`);
});
