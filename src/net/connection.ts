/**
 * One socket, accepted or dialled: carries bytes to a dialogue and what it says back, starts TLS when told to. Knows no
 * protocol. Promises: nothing is read while the dialogue asked for a pause, everything written before
 * `end` goes out, a peer that does not go away is dropped after a while, and an exception of the dialogue
 * ends this connection and no other.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { errorText, type Clock, type Log } from "../runtime/index.ts";
import type { Dialogue, TlsFacts, Wire } from "../protocol/dialogue/index.ts";
import type { Role } from "./role.ts";

/** How long a closed conversation waits for the other side to close too, in milliseconds; its last words arrive meanwhile. */
export const LINGER_MS = 5000;

/** Octets written to one connection before the others have their turn: about a millisecond's work. */
export const TURN_OCTETS = 262_144;

/** RFC 9266 §4.1; its context is empty. */
const EXPORTER_LABEL = "EXPORTER-Channel-Binding";
const NO_CONTEXT = Buffer.alloc(0);

/** Makes the dialogue over a wire; `tls` is there when TLS came first. */
export type Converse = (wire: Wire, tls: TlsFacts | undefined) => Dialogue;

export interface ConnectionEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a TLS handshake may take, in milliseconds. */
  readonly handshakeMs: number;
  /** Instead of it, where it is less, while the server is crowded. */
  readonly crowdedMs: number;
  /** How long a session may last in all, in milliseconds. */
  readonly sessionMs: number;
  /** Somebody may bind a login to the TLS connection (RFC 9266); left out: nobody, and nothing is computed for it. */
  readonly channelBinding?: boolean;
}

type Phase = "greeting" | "talking" | "handshake" | "lingering" | "gone";

export class Connection implements Wire {
  readonly #environment: ConnectionEnvironment;
  readonly #role: Role;
  readonly #onGone: () => void;
  readonly #startedAt: number;
  #socket: Socket;
  #dialogue: Dialogue | undefined;
  #phase: Phase = "greeting";
  /** When the other side last got on, by the clock's `elapsed`. */
  #movedAt: number;
  #progress = 0;
  /** Octets written since others had their turn. */
  #turnOctets = 0;

  constructor(socket: Socket, environment: ConnectionEnvironment, role: Role, onGone: () => void) {
    this.#socket = socket;
    this.#environment = environment;
    this.#role = role;
    this.#onGone = onGone;
    this.#startedAt = this.#movedAt = environment.clock.elapsed();
    this.#listen(socket);
  }

  /** Begins to converse, over TLS at once where `implicitTls`. */
  begin(open: Converse, implicitTls: boolean): void {
    this.#guard(() => {
      if (implicitTls) return this.#handshake((tls) => this.#talk(open(this, tls)));
      this.#socket.resume(); // a proxy's header left it paused; nothing is read before the next turn
      this.#talk(open(this, undefined));
    });
  }

  #talk(dialogue: Dialogue): void {
    if (this.#phase === "gone") return dialogue.closed();
    this.#dialogue = dialogue;
    this.#phase = "talking";
    dialogue.start();
  }

  /** Called every second or so: drops whoever has been silent for too long, which is sooner where it is crowded. */
  sweep(crowded: boolean): void {
    const now = this.#environment.clock.elapsed();
    switch (this.#phase) {
      case "lingering":
        if (now - this.#movedAt > LINGER_MS) this.#socket.destroy();
        return;
      case "handshake":
        return this.#sweepHandshake(now, crowded);
      case "talking":
        return this.#guard(() => this.#sweepDialogue(now, crowded));
      case "greeting":
      case "gone":
        return;
    }
  }

  /** It ends by itself, soon. */
  get isLeaving(): boolean {
    return this.#phase === "lingering" || this.#socket.destroyed;
  }

  #sweepHandshake(now: number, crowded: boolean): void {
    const { handshakeMs, crowdedMs } = this.#environment;
    const patience = crowded ? Math.min(handshakeMs, crowdedMs) : handshakeMs;
    if (now - this.#movedAt <= patience) return;
    this.#guard(() => this.#dialogue?.timeout()); // one that has begun by STARTTLS knows why it ends
    this.#drop("the TLS handshake took too long");
  }

  /** While the dialogue waits for us the time is ours: neither silence nor age is held against the peer. */
  #sweepDialogue(now: number, crowded: boolean): void {
    const patience = this.#dialogue?.patienceMs(crowded);
    const progress = this.#dialogue?.progress() ?? 0;
    const moved = patience === undefined || progress !== this.#progress;
    if (moved) this.#movedAt = now;
    this.#progress = progress;
    if (patience === undefined) return;
    const silent = now - this.#movedAt > patience;
    if (silent || now - this.#startedAt > this.#environment.sessionMs) this.#dialogue?.timeout();
  }

  shutdown(): void {
    if (this.#dialogue === undefined) this.#socket.destroy();
    else this.#guard(() => this.#dialogue?.shutdown());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // ---- Wire ----

  write(data: string | Uint8Array): boolean {
    const socket = this.#socket;
    const room = typeof data === "string" ? socket.write(data, "latin1") : socket.write(data);
    this.#turnOctets += data.length;
    if (!room || this.#turnOctets < TURN_OCTETS) return room;
    this.#waitForNextTurn();
    return false;
  }

  /** A client that reads as fast as we write would else have the server for itself until its message is over. */
  #waitForNextTurn(): void {
    setImmediate(() => {
      this.#turnOctets = 0;
      if (!this.#socket.writableNeedDrain) this.#onDrain();
    });
  }

  startTls(): void {
    this.#handshake((tls) => {
      this.#phase = "talking";
      this.#dialogue?.secured(tls);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#phase === "gone") return;
    this.#phase = "lingering";
    this.#movedAt = this.#environment.clock.elapsed();
    this.#socket.end();
    this.#socket.resume(); // what still comes is read and dropped: unread bytes would turn our last words into a reset
  }

  /** A bug of ours: what was being said cannot go on. The dialogue hears of the end by `closed`. */
  broken(error: unknown): void {
    this.#environment.log.error("session failed", {
      ...this.#role.peer,
      problem: errorText(error),
      ...(error instanceof Error && { stack: error.stack }),
      todo: "this is a fault of the server; report it with this line",
    });
    this.#socket.destroy();
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.broken(error);
    }
  }

  // ---- Socket ----

  #listen(socket: Socket): void {
    socket.on("data", this.#onData);
    socket.on("drain", this.#onDrain);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
    socket.on("error", this.#onError);
  }

  #handshake(done: (tls: TlsFacts) => void): void {
    const raw = this.#socket;
    raw.off("data", this.#onData);
    raw.off("drain", this.#onDrain);
    raw.off("end", this.#onEnd);
    // Its end may have been read already, behind the wish for TLS; then nobody is there to shake hands with.
    raw.once("end", () => {
      if (this.#phase === "handshake") this.#socket.destroy();
    });
    this.#phase = "handshake";
    this.#movedAt = this.#environment.clock.elapsed();
    const secure = this.#role.secure(raw);
    this.#socket = secure;
    secure.on("end", this.#onEnd);
    secure.on("error", this.#onError);
    secure.on("close", this.#onClose);
    secure.once("secure", () => {
      if (!this.#role.trusts(secure)) return this.#drop("TLS: its certificate is not trusted");
      secure.on("data", this.#onData);
      secure.on("drain", this.#onDrain);
      // What is wrong with TLS after its handshake is told by this event alone, as nothing of node:tls owns this socket.
      secure.on("_tlsError", this.#onError);
      this.#guard(() => done(this.#factsOf(secure)));
    });
  }

  /** Before TLS 1.3 two connections could be given the same keying material (RFC 9266 §4.2). */
  #factsOf(secure: TLSSocket): TlsFacts {
    const version = secure.getProtocol() ?? "unknown";
    const clientCertificates = this.#role.shown(secure);
    const bound = this.#environment.channelBinding === true && version === "TLSv1.3";
    return {
      version,
      cipher: secure.getCipher().standardName,
      ...(bound && { exporter: secure.exportKeyingMaterial(32, EXPORTER_LABEL, NO_CONTEXT) }),
      ...(clientCertificates.length > 0 && { clientCertificates }),
    };
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#phase === "talking") this.#guard(() => this.#dialogue?.receive(bytes));
  };

  /** The other side has sent its last octet; a client may still read what we say to the ones before. */
  readonly #onEnd = (): void => {
    if (this.#phase === "talking") this.#guard(() => this.#otherSideEnded());
    else if (this.#phase !== "lingering")
      this.#drop(`the ${this.#role.answers ? "client" : "server"} left during the TLS handshake`);
  };

  #otherSideEnded(): void {
    if (this.#role.answers) return this.#dialogue?.finished();
    this.#dialogue?.closed();
    this.end();
  }

  readonly #onDrain = (): void => {
    if (this.#turnOctets >= TURN_OCTETS) this.#waitForNextTurn();
    else this.#guard(() => this.#dialogue?.drained());
  };

  readonly #onClose = (): void => {
    if (this.#phase === "gone") return;
    this.#phase = "gone";
    this.#guard(() => this.#dialogue?.closed());
    this.#onGone();
  };

  /** Resets and failed handshakes are everyday business; "close" follows and ends the session. */
  readonly #onError = (error: Error): void => {
    this.#drop("reason" in error ? `TLS: ${String(error.reason)}` : errorText(error));
  };

  #drop(problem: string): void {
    this.#environment.log.info("connection error", { ...this.#role.peer, problem });
    this.#socket.destroy();
  }
}
