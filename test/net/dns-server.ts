/** A DNS server on loopback, by datagram and by stream on one port, that answers what its script says. */
import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Question, RecordType } from "../../src/protocol/dns/index.ts";
import { parseName, TYPE_NUMBERS } from "../../src/protocol/dns/index.ts";

/** A question as it arrived: enough to answer it. */
export interface Arrived extends Question {
  readonly octets: Uint8Array;
  /** The port it came from. */
  readonly port: number;
}

/** Messages to send back, in this order; none is silence. */
export type Script = (question: Arrived) => readonly Uint8Array[];

export class DnsServer {
  readonly arrived: Arrived[] = [];
  script: Script = () => [];
  readonly #datagrams: DatagramSocket;
  readonly #streams: Server;
  readonly #connections = new Set<Socket>();
  port = 0;
  /** Ends each connection behind what the script says. */
  hangsUp = false;

  constructor() {
    this.#datagrams = createSocket("udp4");
    this.#datagrams.on("message", (octets, from) => this.#onDatagram(octets, from));
    this.#streams = createServer((socket) => this.#onConnection(socket));
  }

  /** Listens until the test is over, on any port unless it is said which. */
  static async start(
    t: TestContext,
    script: Script = () => [],
    port: number = 0,
  ): Promise<DnsServer> {
    const server = new DnsServer();
    server.script = script;
    server.#streams.listen(port, "127.0.0.1");
    await once(server.#streams, "listening");
    const address = server.#streams.address();
    server.port = typeof address === "object" && address !== null ? address.port : 0;
    server.#datagrams.bind(server.port, "127.0.0.1");
    await once(server.#datagrams, "listening");
    t.after(() => server.#close());
    return server;
  }

  /** The manner of each question: "udp edns", "tcp plain". */
  get manners(): string[] {
    return this.arrived.map(
      ({ manner }) => `${manner.transport} ${manner.edns ? "edns" : "plain"}`,
    );
  }

  /** Says something that the script did not say at once. */
  reply(message: Uint8Array, port: number): void {
    this.#datagrams.send(message, port, "127.0.0.1");
  }

  #onDatagram(octets: Uint8Array, { port, address }: RemoteInfo): void {
    for (const message of this.#answers(octets, port, "udp"))
      this.#datagrams.send(message, port, address);
  }

  /** In pieces, as a network may bring them: the length's second octet comes with the first of the message. */
  #onConnection(socket: Socket): void {
    this.#connections.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#connections.delete(socket));
    socket.setNoDelay(true);
    socket.once("data", (framed: Buffer) => {
      for (const message of this.#answers(framed.subarray(2), socket.remotePort ?? 0, "tcp")) {
        const whole = Buffer.concat([
          Uint8Array.of(message.length >> 8, message.length & 255),
          message,
        ]);
        socket.write(whole.subarray(0, 1));
        setImmediate(() => socket.write(whole.subarray(1)));
      }
      if (this.hangsUp) socket.end();
    });
  }

  #answers(octets: Uint8Array, port: number, transport: "udp" | "tcp"): readonly Uint8Array[] {
    const question = arrivedFrom(octets, port, transport);
    this.arrived.push(question);
    return this.script(question);
  }

  #close(): void {
    this.#datagrams.close();
    this.#streams.close();
    for (const socket of this.#connections) socket.destroy();
  }
}

/** Our own questions only: one name, uncompressed. */
export function arrivedFrom(octets: Uint8Array, port: number, transport: "udp" | "tcp"): Arrived {
  const view = Buffer.from(octets);
  const labels: string[] = [];
  let at = 12;
  for (let length = view.readUInt8(at); length > 0; length = view.readUInt8(at)) {
    labels.push(view.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const spelling = labels.join(".");
  const number = view.readUInt16BE(at + 1);
  const type = Object.keys(TYPE_NUMBERS).find((t): t is RecordType => typeNumber(t) === number);
  const name = parseName(spelling);
  if (type === undefined || name === undefined) throw new Error(`a strange question: ${spelling}`);
  const manner = { transport, edns: view.readUInt16BE(10) === 1 } as const;
  const trusted = (view.readUInt8(3) & 0x20) !== 0;
  return { id: view.readUInt16BE(0), name, type, spelling, manner, trusted, octets, port };
}

function typeNumber(type: string): number | undefined {
  return Object.entries(TYPE_NUMBERS).find(([name]) => name === type)?.[1];
}
