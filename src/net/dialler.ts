/**
 * Connections that we make: to an address and a port or to a socket, within a time, from an address of ours where that is wanted.
 * It carries the bytes of any dialogue, as the server side does. Promises: a connection is in its care from the handshake
 * of TCP to its end; `stop` lets dialogues end properly and drops what is left when the time is over.
 */
import { connect, type Socket } from "node:net";
import type { Ip } from "../mail/index.ts";
import type { Clock, Log } from "../runtime/index.ts";
import { ClientContexts, type ClientTls } from "./client-contexts.ts";
import { connectOptions, connectProblem, type Endpoint } from "./endpoint.ts";
import { OpenConnections } from "./open-connections.ts";
import { Connection, type Converse } from "./connection.ts";
import { dialledTo } from "./role.ts";
import type { ShownCertificate } from "./shown-certificate.ts";

export interface ConnectOptions {
  /** How long it may take to be connected, in milliseconds. */
  readonly timeMs: number;
  /** Address of ours to connect from; left out, the system's choice. A socket in the file system knows none. */
  readonly from?: Ip;
  readonly signal: AbortSignal;
}

/** Connected, and nothing read yet. Either `converse` takes it, or it is to be dropped. */
export interface Connected {
  readonly kind: "connected";
  readonly endpoint: Endpoint;
  readonly socket: Socket;
}

export interface NotConnected {
  readonly kind: "failed";
  readonly endpoint: Endpoint;
  /** In words: "connection refused". */
  readonly why: string;
}

export interface Conversing extends ClientTls {
  /** The other side's name, for SNI and the log; absent where there is only an address. */
  readonly name?: string;
  readonly tls: "at once" | "when asked";
  /** Whether the certificate will do; asked before anything is said over TLS. Left out, any will. */
  readonly trusts?: (certificate: ShownCertificate) => boolean;
  readonly open: Converse;
  /** Once, last: the connection is gone, also where its handshake failed and no dialogue was opened. */
  readonly gone: () => void;
}

export interface DiallerSettings {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a TLS handshake may take, in milliseconds. */
  readonly handshakeMs: number;
  /** How long a connection may last in all, in milliseconds. */
  readonly sessionMs: number;
}

const SWEEP_INTERVAL_MS = 1000;

export class NetDialler {
  readonly #settings: DiallerSettings;
  readonly #connections = new OpenConnections();
  readonly #sweeper: NodeJS.Timeout;
  readonly #contexts = new ClientContexts();

  constructor(settings: DiallerSettings) {
    this.#settings = settings;
    this.#sweeper = setInterval(() => {
      for (const connection of this.#connections) connection.sweep(false);
    }, SWEEP_INTERVAL_MS).unref();
  }

  /** Does not reject. */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<Connected | NotConnected> {
    const { timeMs, from, signal } = options;
    return new Promise((resolve) => {
      const failed = (why: string): void => {
        socket.destroy();
        settled();
        resolve({ kind: "failed", endpoint, why });
      };
      const socket = connect({ ...connectOptions(endpoint, from), allowHalfOpen: true });
      const timer = setTimeout(() => failed(`no answer within ${timeMs} ms`), timeMs);
      const abort = (): void => failed("given up");
      const settled = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      };
      // Stays: what goes wrong before a conversation begins must not be an exception of the process.
      socket.on("error", (error) => failed(connectProblem(error, endpoint)));
      socket.once("connect", () => {
        settled();
        resolve({ kind: "connected", endpoint, socket });
      });
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort);
    });
  }

  /** Begins to converse; what ends it is the dialogue, the other side, or time. */
  converse({ socket, endpoint }: Connected, conversing: Conversing): Dialled {
    if (socket.destroyed) {
      queueMicrotask(conversing.gone); // it broke before anybody had a word
      return socket;
    }
    const { clock, log, handshakeMs, sessionMs } = this.#settings;
    const { name, tls, trusts, open, gone } = conversing;
    const environment = { clock, log, handshakeMs, sessionMs, crowdedMs: handshakeMs };
    const role = dialledTo({ ...endpoint, host: name }, this.#contexts.for(conversing), trusts);
    const connection = new Connection(socket, environment, role, () => {
      this.#connections.delete(connection);
      gone();
    });
    this.#connections.add(connection);
    connection.begin(open, tls === "at once");
    return connection;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Lets dialogues end properly, and after `graceMs` drops the rest. */
  async stop(graceMs: number): Promise<void> {
    await this.#connections.end(graceMs);
    clearInterval(this.#sweeper);
  }
}

/** A connection as the one who dialled it holds it. */
export interface Dialled {
  /** Drops it at once. */
  destroy(): void;
}
