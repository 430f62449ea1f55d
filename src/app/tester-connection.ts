/**
 * The connector of relay tests: a socket in the words of `Connection`. What the other side says waits here, a bounded amount of it,
 * until it is read.
 */
import { parseDomain } from "../mail/index.ts";
import type { NetDialler } from "../net/index.ts";
import type { Arrival, Connection } from "../operate/relaytest/index.ts";
import { REPLY_TIME_MS, type Endpoint, type NotReached } from "../operate/tester/index.ts";
import { latin1, type Dialogue, type Wire } from "../protocol/dialogue/index.ts";

/** Octets that wait to be read before the other side has to wait too. */
const WAITING_LIMIT = 65_536;

/** Connects, and shakes hands where TLS comes first. Does not reject. */
export async function connectForTest(
  dialler: NetDialler,
  { ip, port, implicitTls, host }: Endpoint,
  timeMs: number,
): Promise<Connection | NotReached> {
  const { signal } = new AbortController();
  const connected = await dialler.connect({ ip, port }, { timeMs, signal });
  if (connected.kind === "failed") return { kind: "not reached", why: connected.why };
  const name = parseDomain(host ?? "");
  const { promise, resolve } = Promise.withResolvers<Connection | NotReached>();
  dialler.converse(connected, {
    ...(name !== undefined && { name }),
    tls: implicitTls ? "at once" : "when asked",
    opportunistic: true,
    open: (wire) => {
      const connection = new SocketConnection(wire);
      resolve(connection);
      return connection.dialogue;
    },
    gone: () => resolve({ kind: "not reached", why: "the TLS handshake failed" }),
  });
  return promise;
}

class SocketConnection implements Connection {
  readonly #wire: Wire;
  #arrived: string[] = [];
  #octets = 0;
  #paused = false;
  #ended = false;
  /** Whoever waits for something to come. */
  #wake = (): void => {};
  #handshake = (_secured: boolean): void => {};

  readonly dialogue: Dialogue = {
    start() {},
    receive: (bytes) => this.#receive(bytes),
    drained() {},
    secured: () => this.#handshake(true),
    timeout() {},
    shutdown: () => this.close(),
    finished() {},
    closed: () => this.#closed(),
    patienceMs: () => undefined, // whoever reads has the patience
    progress: () => 0,
  };

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  write(octets: string): void {
    if (!this.#ended) this.#wire.write(octets);
  }

  async read(withinMs = REPLY_TIME_MS): Promise<Arrival> {
    if (this.#arrived.length === 0 && !this.#ended) await this.#something(withinMs);
    if (this.#arrived.length > 0) return { kind: "octets", octets: this.#take() };
    return { kind: this.#ended ? "closed" : "silence" };
  }

  startTls(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    this.#take(); // what came in the clear behind the 220 is not part of what follows (RFC 3207 §4.2)
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#handshake = resolve;
    this.#wire.startTls();
    return promise;
  }

  close(): void {
    if (!this.#ended) this.#wire.end();
    this.#ended = true;
    this.#take();
  }

  #something(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, withinMs);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#arrived.push(latin1(bytes));
    this.#octets += bytes.length;
    if (this.#octets > WAITING_LIMIT && !this.#paused) {
      this.#paused = true;
      this.#wire.pause();
    }
    this.#wake();
  }

  #take(): string {
    const octets = this.#arrived.join("");
    this.#arrived = [];
    this.#octets = 0;
    if (this.#paused && !this.#ended) this.#wire.resume();
    this.#paused = false;
    return octets;
  }

  #closed(): void {
    this.#ended = true;
    this.#handshake(false);
    this.#wake();
  }
}
