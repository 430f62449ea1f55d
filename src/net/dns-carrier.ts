/**
 * Carries one question to one server and an answer back, by datagram or by stream. To a server that is not on this machine each
 * question has a socket, and so a port, of its own, which takes from nobody but that server; the system picks the port at random.
 * Never rejects.
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { isNear, NearSockets, type AskByDatagram } from "./dns-near.ts";
import type { NameServer } from "./name-server.ts";

/** `strays`: so many messages came that were no answer that somebody is guessing. */
export type Trouble = "timeout" | "unreachable" | "strays";

export interface Carrier {
  /** Hands each message that comes to `take`, until it makes an answer of one. */
  datagram<Answer extends object>(
    server: NameServer,
    question: Uint8Array,
    limitMs: number,
    take: (message: Uint8Array) => Answer | undefined,
  ): Promise<Answer | Trouble>;
  /** The first message that comes, whole. */
  stream(server: NameServer, question: Uint8Array, limitMs: number): Promise<Uint8Array | Trouble>;
  /** Ends what is open as unreachable, and opens nothing any more. */
  close(): void;
}

/** Messages that are no answer, for one question: late answers are a few, guesses come by the thousand. */
const STRAYS_LIMIT = 16;

/** RFC 1035 §4.2.2: what stands before a message in a stream, in octets. */
const LENGTH_OCTETS = 2;

export class SocketCarrier implements Carrier {
  readonly #open = new Set<(trouble: Trouble) => void>();
  readonly #near = new NearSockets();
  readonly #isNear: (server: NameServer) => boolean;
  /** Of each server that was asked: its address is not read again for each question. */
  readonly #ways = new WeakMap<NameServer, AskByDatagram>();
  #closed = false;

  constructor(near: (server: NameServer) => boolean = isNear) {
    this.#isNear = near;
  }

  datagram<Answer extends object>(
    server: NameServer,
    question: Uint8Array,
    limitMs: number,
    take: (message: Uint8Array) => Answer | undefined,
  ): Promise<Answer | Trouble> {
    const ask = this.#wayTo(server);
    return this.#once<Answer>(limitMs, (end) => {
      let strays = 0;
      return ask(server, question, {
        heard(message) {
          const answer = take(message);
          if (answer !== undefined) end(answer);
          else if (++strays >= STRAYS_LIMIT) end("strays");
        },
        failed: () => end("unreachable"),
      });
    });
  }

  stream(server: NameServer, question: Uint8Array, limitMs: number): Promise<Uint8Array | Trouble> {
    return this.#once<Uint8Array>(limitMs, (end) => {
      const socket = connect({ host: server.host, port: server.port });
      const incoming = new IncomingMessage();
      socket.on("error", () => end("unreachable"));
      socket.on("close", () => end("unreachable"));
      socket.on("data", (chunk: Buffer) => {
        const message = incoming.take(chunk);
        if (message !== undefined) end(message);
      });
      socket.write(framed(question));
      return () => socket.destroy();
    });
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#open) end("unreachable");
    this.#near.close();
  }

  #wayTo(server: NameServer): AskByDatagram {
    const known = this.#ways.get(server);
    if (known !== undefined) return known;
    const way = this.#isNear(server) ? this.#near.ask : askByOwnSocket;
    this.#ways.set(server, way);
    return way;
  }

  /** `begin` returns how to let go; that is done once, when the first outcome is there. */
  #once<Outcome>(
    limitMs: number,
    begin: (end: (outcome: Outcome | Trouble) => void) => () => void,
  ): Promise<Outcome | Trouble> {
    if (this.#closed) return Promise.resolve("unreachable");
    return new Promise((resolve) => {
      const end = (outcome: Outcome | Trouble): void => {
        if (!this.#open.delete(end)) return;
        clearTimeout(timer);
        letGo();
        resolve(outcome);
      };
      this.#open.add(end);
      const timer = setTimeout(() => end("timeout"), limitMs);
      const letGo = begin(end);
    });
  }
}

const askByOwnSocket: AskByDatagram = (server, question, listener) => {
  const socket = createSocket(server.host.includes(":") ? "udp6" : "udp4");
  socket.on("error", () => listener.failed());
  socket.on("message", (message) => listener.heard(message));
  socket.on("connect", () => socket.send(question));
  socket.connect(server.port, server.host);
  return () => socket.close();
};

/** A message that comes in pieces, of the length that stands before it; what comes behind it is dropped. */
class IncomingMessage {
  #octets = new Uint8Array(LENGTH_OCTETS);
  #filled = 0;
  #lengthIsKnown = false;

  /** The message, as soon as it is whole. */
  take(chunk: Uint8Array): Uint8Array | undefined {
    const rest = this.#fill(chunk);
    if (this.#filled < this.#octets.length) return undefined;
    if (this.#lengthIsKnown) return this.#octets;
    const [high = 0, low = 0] = this.#octets;
    this.#lengthIsKnown = true;
    this.#octets = new Uint8Array(high * 256 + low);
    this.#filled = 0;
    return this.take(rest);
  }

  /** Returns what found no room. */
  #fill(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, this.#octets.length - this.#filled);
    this.#octets.set(taken, this.#filled);
    this.#filled += taken.length;
    return chunk.subarray(taken.length);
  }
}

function framed(question: Uint8Array): Uint8Array {
  return Uint8Array.from([question.length >> 8, question.length & 0xff, ...question]);
}
