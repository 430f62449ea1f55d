/** A dialogue that says back what it hears, a service of such dialogues, and a client to talk to it. */
import { once } from "node:events";
import { connect, type Socket, type TcpNetConnectOpts } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Dialogue, TlsFacts, Wire } from "../../src/protocol/dialogue/index.ts";
import type { LimitName, Peer, Service, ServiceEnvironment } from "../../src/net/index.ts";
import { ManualClock, type Fields, type Log } from "../../src/runtime/index.ts";

/** Words that make it do something else than repeat them. */
const WORDS = ["STARTTLS", "QUIT", "THROW", "PAUSE"] as const;

export class EchoDialogue implements Dialogue {
  readonly peer: Peer;
  readonly wire: Wire;
  /** What was called, oldest first; `receive` with its text. */
  readonly calls: string[] = [];
  /** Silence allowed, milliseconds; undefined while it pretends to be busy. */
  patience: number | undefined = 1000;
  crowdedPatience = 100;
  heard = 0;
  /** What the last handshake led to. */
  tls: TlsFacts | undefined;
  /** The call in which it shows its bug. */
  bug: string | undefined;

  constructor(peer: Peer, wire: Wire) {
    this.peer = peer;
    this.wire = wire;
  }

  start(): void {
    this.#called("start");
    this.wire.write("hello\r\n");
  }

  receive(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("latin1");
    this.#called(`receive ${text}`);
    this.heard += bytes.length;
    switch (WORDS.find((word) => text === `${word}\r\n`)) {
      case "STARTTLS":
        this.wire.write("go\r\n");
        return this.wire.startTls();
      case "QUIT":
        this.wire.write("bye\r\n");
        return this.wire.end();
      case "PAUSE":
        return this.wire.pause();
      case "THROW":
        throw new Error("a bug");
      case undefined:
        this.wire.write(bytes);
    }
  }

  drained(): void {
    this.#called("drained");
  }

  secured(tls: TlsFacts): void {
    this.tls = tls;
    this.#called(`secured ${tls.version} ${tls.cipher}`);
    this.wire.write("secure\r\n");
  }

  timeout(): void {
    this.#called("timeout");
    this.wire.write("too slow\r\n");
    this.wire.end();
  }

  shutdown(): void {
    this.#called("shutdown");
    this.wire.write("stopping\r\n");
    this.wire.end();
  }

  finished(): void {
    this.#called("finished");
    this.wire.write("done\r\n");
    this.wire.end();
  }

  closed(): void {
    this.#called("closed");
  }

  patienceMs(crowded?: boolean): number | undefined {
    return crowded === true ? this.crowdedPatience : this.patience;
  }

  progress(): number {
    return this.heard;
  }

  #called(name: string): void {
    this.calls.push(name);
    if (this.bug === name) throw new Error(`a bug in ${name}`);
  }
}

/** Remembers what was logged, by level. */
export class MemoryLog implements Log {
  readonly lines: { readonly level: string; readonly event: string; readonly fields: Fields }[] =
    [];

  info(event: string, fields: Fields = {}): void {
    this.lines.push({ level: "info", event, fields });
  }

  warn(event: string, fields: Fields = {}): void {
    this.lines.push({ level: "warn", event, fields });
  }

  error(event: string, fields: Fields = {}): void {
    this.lines.push({ level: "error", event, fields });
  }

  flush(): void {}

  events(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map(({ event }) => event);
  }
}

export class EchoService implements Service {
  readonly dialogues: EchoDialogue[] = [];
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  secureContext: ServiceEnvironment["secureContext"];
  channelBinding = false;
  asksCertificate = false;
  handshakeMs = 30_000;
  crowdedMs = 500;
  sessionMs = 3_600_000;
  /** The call in which each new dialogue shows its bug; "open" is none of its own. */
  bug: string | undefined;
  #waiting: (() => void)[] = [];

  readonly open = (peer: Peer, wire: Wire): EchoDialogue => {
    if (this.bug === "open") throw new Error("a bug in open");
    const dialogue = new EchoDialogue(peer, wire);
    dialogue.bug = this.bug;
    this.dialogues.push(dialogue);
    for (const resolve of this.#waiting.splice(0)) resolve();
    return dialogue;
  };

  busy(limit: LimitName): string {
    return `full: ${limit}\r\n`;
  }

  environment(): ServiceEnvironment {
    const { clock, log, secureContext, handshakeMs, crowdedMs, sessionMs } = this;
    const { channelBinding, asksCertificate } = this;
    const times = { handshakeMs, crowdedMs, sessionMs };
    return { clock, log, secureContext, ...times, channelBinding, asksCertificate };
  }

  /** The n-th dialogue that was opened, from 0, as soon as it is. */
  async dialogue(n: number): Promise<EchoDialogue> {
    for (;;) {
      const dialogue = this.dialogues[n];
      if (dialogue !== undefined) return dialogue;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** The other side of a connection; remembers everything it was sent. */
export class Client {
  #socket: Socket;
  #text = "";
  #gone = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  static to(port: number, options: Partial<TcpNetConnectOpts> = {}): Client {
    return new Client(connect({ host: "127.0.0.1", ...options, port }));
  }

  static tlsTo(port: number, options: ConnectionOptions = {}): Client {
    return new Client(
      connectTls({ host: "127.0.0.1", rejectUnauthorized: false, ...options, port }),
    );
  }

  get socket(): Socket {
    return this.#socket;
  }

  get text(): string {
    return this.#text;
  }

  send(data: string | Uint8Array): this {
    this.#socket.write(data);
    return this;
  }

  /** Resolves to all that was said, once it ends with `text`; rejects when the connection ends before. */
  hears(text: string): Promise<string> {
    return this.hearsEnough((said) => said.endsWith(text));
  }

  /** The same, once `enough` says so of all that was said. */
  async hearsEnough(enough: (said: string) => boolean): Promise<string> {
    while (!enough(this.#text)) {
      if (this.#gone) throw new Error(`the connection ended with ${JSON.stringify(this.#text)}`);
      await this.#news();
    }
    return this.#text;
  }

  /** Resolves to all that was said, once the connection is gone, from whichever side. */
  async ends(): Promise<string> {
    while (!this.#gone) await this.#news();
    return this.#text;
  }

  /** Begins TLS as a client over what stands, or over what `carries` it; resolves when it is there. */
  async startTls(
    options: ConnectionOptions = {},
    carries: (socket: Socket) => Duplex = (socket) => socket,
  ): Promise<TLSSocket> {
    this.#socket.removeAllListeners("data");
    const socket = carries(this.#socket);
    const secure = connectTls({ socket, rejectUnauthorized: false, ...options });
    this.#socket = secure;
    this.#listen(secure);
    await once(secure, "secureConnect");
    return secure;
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on("data", (bytes: Buffer) => {
      this.#text += bytes.toString("latin1");
      this.#tell();
    });
    socket.on("error", () => socket.destroy()); // what matters is that it is gone
    socket.on("close", () => {
      this.#gone = true;
      this.#tell();
    });
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The socket as TLS uses it, while its owner may still write to it beneath. */
export function carriedBy(raw: Socket): Duplex {
  const duplex = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => void raw.write(chunk, done),
  });
  raw.on("data", (bytes) => duplex.push(bytes)).on("close", () => duplex.destroy());
  raw.on("error", () => raw.destroy());
  return duplex;
}

/** Resolves once it holds, looking again after each turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
