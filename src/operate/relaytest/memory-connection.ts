/**
 * A relay test's connection to an engine in the same memory: through the same driver as a socket, but without
 * a network. Silence is known at once: the engine has nothing to say and waits for us.
 */
import {
  MemoryWire,
  type Dialogue,
  type TlsFacts,
  type Wire,
} from "../../protocol/dialogue/index.ts";
import { systemClock } from "../../runtime/index.ts";
import type { Arrival, Connection } from "./connection.ts";
import type { Given } from "./catalogue/index.ts";

/** What a handshake in memory is said to have led to; the keying material is nobody's. */
export const TLS_IN_MEMORY: TlsFacts = {
  version: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  exporter: new Uint8Array(32),
};

/** The same of a client that shows a certificate, if it shows one; who that is, is told and not read from it. */
export function tlsInMemory({ certificate }: Given): TlsFacts {
  if (certificate === undefined) return TLS_IN_MEMORY;
  return { ...TLS_IN_MEMORY, clientCertificates: [Buffer.from(certificate)] };
}

/** How long the server may think about an answer, in milliseconds; a broken one must not hold up the proof for ever. */
const THINKING_LIMIT_MS = 10_000;

export class MemoryConnection implements Connection {
  readonly #wire = new MemoryWire();
  readonly #dialogue: Dialogue;

  readonly #tls: TlsFacts;

  /** `converse` puts a session of the server on the wire it is given; `tls`: what a handshake leads to. */
  constructor(converse: (wire: Wire) => Dialogue, tls = TLS_IN_MEMORY) {
    this.#tls = tls;
    this.#dialogue = converse(this.#wire);
    this.#dialogue.start();
  }

  write(octets: string): void {
    this.#dialogue.receive(Buffer.from(octets, "latin1"));
  }

  async read(): Promise<Arrival> {
    const deadline = systemClock.elapsed() + THINKING_LIMIT_MS;
    for (;;) {
      const octets = this.#wire.take();
      if (octets !== "") return { kind: "octets", octets };
      if (this.#wire.ended) return { kind: "closed" };
      const ourTurn = this.#dialogue.patienceMs() !== undefined;
      if (ourTurn || systemClock.elapsed() > deadline) return { kind: "silence" };
      await nextTurn();
    }
  }

  startTls(): Promise<boolean> {
    const asked = this.#wire.startingTls;
    this.#wire.startingTls = false;
    if (asked) this.#dialogue.secured(this.#tls);
    return Promise.resolve(asked);
  }

  close(): void {
    this.#dialogue.closed();
  }
}

/** Lets everybody who has something to do in this process do it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
