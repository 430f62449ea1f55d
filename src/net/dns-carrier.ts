/**
 * Carries one question to one server and an answer back, by datagram or by stream. To a server that is not on this machine each
 * question has a socket, and so a port, of its own, which takes from nobody but that server; the system picks the port at random.
 * Never rejects.
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { framed, IncomingMessages } from "./dns-frames.ts";
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
      const incoming = new IncomingMessages();
      socket.on("error", () => end("unreachable"));
      socket.on("close", () => end("unreachable"));
      socket.on("data", (chunk: Buffer) => {
        incoming.give(chunk);
        const message = incoming.next();
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
  if (server.from !== undefined) socket.bind({ address: server.from, exclusive: true });
  socket.connect(server.port, server.host);
  return () => socket.close();
};
