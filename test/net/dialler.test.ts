/** Connections that we make: they carry a dialogue, begin TLS as its client, fail in words, and end when they should. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createSecureContext, TLSSocket } from "node:tls";
import { parseIp, parseSocketPath, type Ip, type SocketPath } from "../../src/mail/index.ts";
import {
  makeSelfSigned,
  NetDialler,
  ownEndpoints,
  type Connected,
  type Conversing,
  type NotConnected,
} from "../../src/net/index.ts";
import type { Dialogue, TlsFacts, Wire } from "../../src/protocol/dialogue/index.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { EchoDialogue, MemoryLog, until } from "./echo.ts";

const CONTEXT = makeSelfSigned("mx.foreign.example", Date.now()).then(({ certificate, key }) =>
  createSecureContext({ cert: certificate, key }),
);
const LOOPBACK = ip("127.0.0.1");

function ip(text: string): Ip {
  const read = parseIp(text);
  assert.ok(read !== undefined);
  return read;
}

/** A server of ours to dial, in the hands of the test. */
async function server(t: TestContext, accept: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    accept(socket);
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  return (listening.address() as AddressInfo).port; // a TCP server's address is an AddressInfo
}

function dialler(t: TestContext, log = new MemoryLog()): NetDialler {
  const made = new NetDialler({
    clock: systemClock,
    log,
    handshakeMs: 30_000,
    sessionMs: 3_600_000,
  });
  t.after(() => made.stop(0));
  return made;
}

async function connected(of: NetDialler, port: number): Promise<Connected> {
  const { signal } = new AbortController();
  const result = await of.connect({ ip: LOOPBACK, port }, { timeMs: 10_000, signal });
  assert.ok(result.kind === "connected");
  return result;
}

/** A client's dialogue that says nothing of itself, and what became of it. */
class Quiet extends EchoDialogue {
  override start(): void {
    this.calls.push("start");
  }

  override receive(bytes: Uint8Array): void {
    this.calls.push(`receive ${Buffer.from(bytes).toString()}`);
    if (this.calls.at(-1) === "receive STARTTLS\r\n") this.wire.startTls();
    else this.wire.write("thanks");
  }

  override secured(tls: TlsFacts): void {
    this.calls.push(`secured ${tls.version}`);
    this.wire.write("over TLS\r\n");
  }

  override shutdown(): void {
    this.calls.push("shutdown");
  }
}

interface Talk {
  readonly dialogue: () => Quiet;
  readonly gone: () => number;
}

function converse(of: NetDialler, to: Connected, more: Partial<Conversing> = {}): Talk {
  let gone = 0;
  let dialogue: Quiet | undefined;
  const open = (wire: Wire, tls: TlsFacts | undefined): Dialogue => {
    dialogue = new Quiet({ ip: LOOPBACK, port: 0, listener: "none", ...(tls && { tls }) }, wire);
    return dialogue;
  };
  of.converse(to, { tls: "when asked", opportunistic: true, open, gone: () => gone++, ...more });
  return {
    gone: () => gone,
    dialogue: () => {
      assert.ok(dialogue !== undefined);
      return dialogue;
    },
  };
}

test("bytes go both ways; a server that ends its side ends the session", async (t) => {
  const port = await server(t, (socket) => {
    socket.write("hello\r\n");
    socket.once("data", (heard) => socket.end(`bye ${heard.toString()}`));
  });
  const dial = dialler(t);
  const talk = converse(dial, await connected(dial, port));
  await until(() => talk.gone() === 1);
  const { calls } = talk.dialogue();
  assert.deepEqual(calls.slice(0, 2), ["start", "receive hello\r\n"]);
  assert.equal(calls.at(-1), "closed");
  assert.ok(!calls.includes("finished"), "there is nobody left to answer");
  assert.equal(dial.connections, 0);
});

test("STARTTLS as its client, with the server's name", async (t) => {
  const context = await CONTEXT;
  const names: unknown[] = [];
  const port = await server(t, (socket) => {
    socket.write("STARTTLS\r\n");
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      SNICallback: (name, done) => {
        names.push(name);
        done(null, context);
      },
    });
    secure.once("data", (heard) => secure.end(heard));
  });
  const dial = dialler(t);
  const talk = converse(dial, await connected(dial, port), { name: "mx.foreign.example" });
  await until(() => talk.gone() === 1);
  const { calls } = talk.dialogue();
  assert.deepEqual(calls.slice(2, 4), ["secured TLSv1.3", "receive over TLS\r\n"]);
  assert.deepEqual(names, ["mx.foreign.example"]);
});

test("TLS at once; one that fails opens no dialogue and is gone all the same", async (t) => {
  const context = await CONTEXT;
  const good = await server(t, (socket) => {
    new TLSSocket(socket, { isServer: true, secureContext: context }).end("hello\r\n");
  });
  const bad = await server(t, (socket) => socket.end("220 not TLS\r\n"));
  const dial = dialler(t);
  const talk = converse(dial, await connected(dial, good), { tls: "at once" });
  await until(() => talk.gone() === 1);
  assert.equal(talk.dialogue().peer.tls?.version, "TLSv1.3");
  assert.ok(talk.dialogue().calls.includes("receive hello\r\n"));
  const broken = converse(dial, await connected(dial, bad), { tls: "at once" });
  await until(() => broken.gone() === 1);
  assert.throws(() => broken.dialogue());
});

test("what cannot be connected to is told in words, and nothing is left open", async (t) => {
  const port = await server(t, () => {});
  const dial = dialler(t);
  const attempt = async (
    to: string,
    at: number,
    more: { timeMs?: number; from?: Ip; signal?: AbortSignal } = {},
  ): Promise<string> => {
    const { signal } = new AbortController();
    const result: Connected | NotConnected = await dial.connect(
      { ip: ip(to), port: at },
      { timeMs: 10_000, signal, ...more },
    );
    return result.kind === "failed" ? result.why : "connected";
  };
  assert.equal(await attempt("127.0.0.1", 1), "connection refused");
  assert.equal(await attempt("127.0.0.1", port, { signal: AbortSignal.abort() }), "given up");
  assert.equal(
    await attempt("127.0.0.1", port, { from: ip("192.0.2.1") }),
    "this machine has no address to connect from",
  );
  assert.equal(dial.connections, 0);
});

test("connections come from the address that is asked for", async (t) => {
  const from: unknown[] = [];
  const port = await server(t, (socket) => {
    from.push(socket.remoteAddress);
    socket.end();
  });
  const dial = dialler(t);
  const { signal } = new AbortController();
  await dial.connect({ ip: LOOPBACK, port }, { timeMs: 10_000, from: ip("127.0.0.9"), signal });
  await until(() => from.length === 1);
  assert.deepEqual(from, ["127.0.0.9"]);
});

test("a connection that breaks before its conversation is gone, and no exception", async (t) => {
  const port = await server(t, () => {});
  const dial = dialler(t);
  const connection = await connected(dial, port);
  connection.socket.destroy(new Error("reset"));
  const talk = converse(dial, connection);
  await until(() => talk.gone() === 1);
  assert.throws(() => talk.dialogue());
});

test("stop tells each dialogue, and drops those that do not end in time", async (t) => {
  const port = await server(t, () => {});
  const dial = dialler(t);
  const talk = converse(dial, await connected(dial, port));
  await dial.stop(1);
  assert.deepEqual(talk.dialogue().calls, ["start", "shutdown", "closed"]);
  assert.equal(talk.gone(), 1);
});

test("our own listeners are known by their addresses, wildcards by the machine's", () => {
  const isOwn = ownEndpoints(
    [
      { address: "192.0.2.1", port: 25 },
      { address: "0.0.0.0", port: 587 },
      { address: "::", port: 465 },
    ],
    () => [ip("192.0.2.2"), ip("2001:db8::2")],
  );
  const yes = [
    ["192.0.2.1", 25],
    ["192.0.2.2", 587],
    ["127.0.0.9", 587],
    ["2001:db8::2", 465],
    ["::1", 465],
  ] as const;
  const no = [
    ["192.0.2.1", 2525],
    ["192.0.2.2", 25],
    ["192.0.2.9", 587],
    ["2001:db8::2", 587],
    ["192.0.2.2", 465],
  ] as const;
  for (const [address, port] of yes) assert.ok(isOwn(ip(address), port), `${address} ${port}`);
  for (const [address, port] of no) assert.ok(!isOwn(ip(address), port), `${address} ${port}`);
});

test("a certificate that cannot be judged is not trusted, and no exception", async (t) => {
  const secureContext = await CONTEXT;
  let heard = 0;
  const port = await server(t, (socket) => {
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    secure.on("error", () => secure.destroy());
    secure.on("data", () => heard++);
  });
  const net = dialler(t);
  const talk = converse(net, await connected(net, port), {
    tls: "at once",
    trusts: () => {
      throw new Error("a key of no known kind");
    },
  });
  await until(() => talk.gone() === 1);
  assert.throws(talk.dialogue, "nothing was opened");
  assert.equal(heard, 0);
});

// ---- Sockets in the file system ----

test("a socket carries a dialogue too, whatever address of ours is wished for", async (t) => {
  const path = socketIn(t);
  await listenOn(t, path, (socket) => {
    socket.write("hello\r\n");
    socket.once("data", (heard) => socket.end(`bye ${heard.toString()}`));
  });
  const dial = dialler(t);
  const { signal } = new AbortController();
  const result = await dial.connect({ socket: path }, { timeMs: 10_000, from: LOOPBACK, signal });
  assert.ok(result.kind === "connected");
  const talk = converse(dial, result);
  await until(() => talk.gone() === 1);
  assert.deepEqual(talk.dialogue().calls.slice(0, 2), ["start", "receive hello\r\n"]);
  assert.equal(talk.dialogue().calls.at(-1), "closed");
});

test("what is wrong with a socket, in words", async (t) => {
  const dial = dialler(t);
  const problem = async (path: string): Promise<string> => {
    const socket = parseSocketPath(path) ?? assert.fail(path);
    const { signal } = new AbortController();
    const result = await dial.connect({ socket }, { timeMs: 10_000, signal });
    return result.kind === "failed" ? result.why : assert.fail("connected");
  };
  const path = socketIn(t);
  assert.equal(await problem(path), "there is no such socket");
  writeFileSync(`${path}-file`, "");
  assert.equal(await problem(`${path}-file`), "it is no socket");
  assert.equal(await problem(`${path}-file/lmtp`), "there is no such socket");
  await left(path);
  assert.equal(await problem(path), "nobody listens on the socket");
  chmodSync(path, 0);
  assert.match(
    await asNobody(() => problem(path)),
    /^no permission: the user that Gatepost runs as/,
  );
});

function socketIn(t: TestContext): SocketPath {
  const home = mkdtempSync(join(tmpdir(), "gatepost-socket-"));
  chmodSync(home, 0o755);
  t.after(() => rmSync(home, { recursive: true }));
  return parseSocketPath(join(home, "lmtp")) ?? assert.fail(home);
}

async function listenOn(
  t: TestContext,
  path: string,
  accept: (socket: Socket) => void,
): Promise<void> {
  const listening = createServer(accept);
  await new Promise<void>((resolve) => listening.listen(path, resolve));
  t.after(() => listening.close());
}

/** A socket that nobody listens on any more: Node would take its file away, a server that was killed does not. */
async function left(path: string): Promise<void> {
  const listen = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  await once(spawn(process.execPath, ["-e", listen, path]), "exit");
}

/** Root may connect to everything. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}
