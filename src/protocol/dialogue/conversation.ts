/**
 * Drives one session over one wire: does the engine's steps in order, carries questions to the desk and
 * answers back. Whoever owns a socket, or a piece of memory, calls it; it knows neither. Callbacks
 * instead of promises: an answer that is known at once is given at once, in the same turn. Promises: nothing
 * is read while the desk thinks or either side is full, and nothing is done after the end.
 */
import { putOctets } from "./latin1.ts";
import type { Session, Step, Steps, TlsFacts } from "./session.ts";

/** The way to the other side. */
export interface Wire {
  /** Takes all of `data`; false asks for a pause until the owner calls `Conversation.drained`. */
  write(data: string | Uint8Array): boolean;
  /** Starts TLS, as server or as client, whichever its owner is; ends in `Conversation.secured` or `closed`. */
  startTls(): void;
  pause(): void;
  resume(): void;
  /** No more is sent; the connection closes once what was written has gone. */
  end(): void;
  /**
   * An exception in a late callback (an answer, room at the desk): no call of the wire's owner is there to catch it. The
   * connection is to be dropped. Without this the exception goes to whoever called back.
   */
  broken?(error: unknown): void;
}

/** Who performs what the engine asks; one for each session. */
export interface Desk<Ask, Tell, Answer> {
  /** Calls `reply` once, now or later. */
  ask(ask: Ask, reply: (answer: Answer) => void): void;
  tell(tell: Tell): void;
  /** Takes a slice (copying what it keeps); false stops the reading until it calls `drained`, after it returned. */
  body(slice: Uint8Array, drained: () => void): boolean;
}

export class Conversation<Ask, Tell, Answer> {
  readonly #session: Session<Ask, Tell, Answer>;
  readonly #desk: Desk<Ask, Tell, Answer>;
  readonly #wire: Wire;
  #out: (string | Uint8Array)[] = [];
  /** Whose turn it is, when the engine can do nothing with the peer's bytes. */
  #waitsFor: "desk" | "handshake" | "flush" | undefined;
  #deskFull = false;
  #wireFull = false;
  #paused = false;
  /** How often a full wire became free: a peer that reads slowly is not silent. */
  #drains = 0;
  /** The peer has sent its last octet. */
  #finished = false;
  #over = false;
  #gone = false;

  constructor(session: Session<Ask, Tell, Answer>, desk: Desk<Ask, Tell, Answer>, wire: Wire) {
    this.#session = session;
    this.#desk = desk;
    this.#wire = wire;
  }

  start(): void {
    this.#perform(this.#session.start());
  }

  receive(bytes: Uint8Array): void {
    if (this.#over) return;
    // The peer speaks although it is not its turn: this chunk is kept, the next one waits in the network.
    if (this.#blocked()) this.#pause();
    this.#perform(this.#session.receive(bytes));
  }

  /** The wire has taken what was written. Harmless when nobody waited for it. */
  drained(): void {
    if (this.#over || !this.#wireFull) return;
    this.#wireFull = false;
    this.#drains++;
    if (this.#waitsFor === "flush") this.#goOn(this.#session.drained());
    else this.#resume();
  }

  secured(facts: TlsFacts): void {
    if (!this.#over) this.#goOn(this.#session.secured(facts));
  }

  timeout(): void {
    if (!this.#over) this.#perform(this.#session.timeout());
  }

  shutdown(): void {
    if (!this.#over) this.#perform(this.#session.shutdown());
  }

  /**
   * The peer will send nothing more, but may still read: what it has said is answered, and then the connection
   * ends. RFC 9293 §3.6 lets it close its own direction first, and scripts do.
   */
  finished(): void {
    this.#finished = true;
    this.#endIfFinished();
  }

  /** The connection is gone, from whichever side. Harmless when called twice. */
  closed(): void {
    this.#over = true;
    if (this.#gone) return;
    this.#gone = true;
    for (const step of this.#session.closed()) if (step.kind === "tell") this.#desk.tell(step.tell);
  }

  /** How long the peer may stay silent (or not read) now, in milliseconds; undefined while it waits for us. */
  patienceMs(crowded = false): number | undefined {
    const ourTurn = this.#waitsFor === "desk" || this.#deskFull;
    return ourTurn ? undefined : this.#session.patienceMs(crowded);
  }

  /** Grows with all that counts as not being silent. */
  progress(): number {
    return this.#session.progress() + this.#drains;
  }

  /** Performs steps, and those that at-once answers lead to, until the engine waits for somebody. */
  #perform(first: Steps<Ask, Tell>): void {
    let steps: Steps<Ask, Tell> | undefined = first;
    while (steps !== undefined) {
      let next: Steps<Ask, Tell> | undefined;
      for (const step of steps) if (!this.#over) next = this.#step(step);
      steps = next;
    }
    if (this.#waitsFor === undefined && !this.#over) this.#writeOut();
    this.#endIfFinished();
  }

  #endIfFinished(): void {
    if (!this.#finished || this.#over || this.#waitsFor !== undefined) return;
    this.closed();
    this.#wire.end();
  }

  /** Does one step; returns the steps that follow from it at once. */
  #step(step: Step<Ask, Tell>): Steps<Ask, Tell> | undefined {
    switch (step.kind) {
      case "send":
        this.#out.push(step.data);
        return undefined;
      case "tell":
        this.#desk.tell(step.tell);
        return undefined;
      case "body":
        this.#body(step.slice);
        return undefined;
      case "ask":
        return this.#ask(step.ask);
      case "flush":
        return this.#flush();
      case "start-tls":
        this.#startTls();
        return undefined;
      case "close":
        this.#close();
        return undefined;
    }
  }

  #body(slice: Uint8Array): void {
    if (this.#desk.body(slice, this.#deskDrained)) return;
    this.#deskFull = true;
    this.#pause();
  }

  #ask(ask: Ask): Steps<Ask, Tell> | undefined {
    let atOnce: Steps<Ask, Tell> | undefined;
    let asking = true;
    this.#waitsFor = "desk";
    this.#desk.ask(ask, (answer) => {
      if (this.#over) return;
      if (!asking) return this.#late(() => this.#goOn(this.#session.answer(answer)));
      this.#waitsFor = undefined;
      atOnce = this.#session.answer(answer);
    });
    asking = false;
    return atOnce;
  }

  #flush(): Steps<Ask, Tell> | undefined {
    this.#writeOut();
    if (this.#over) return undefined; // the connection broke while we wrote
    if (!this.#wireFull) return this.#session.drained();
    this.#waitsFor = "flush";
    return undefined;
  }

  #startTls(): void {
    this.#writeOut();
    if (this.#over || this.#finished) return; // nobody is there to shake hands with, and the end comes next
    this.#waitsFor = "handshake";
    this.#wire.startTls();
  }

  #close(): void {
    this.#writeOut();
    this.#over = true;
    this.#wire.end();
  }

  /** What the engine waited for has come. */
  #goOn(steps: Steps<Ask, Tell>): void {
    this.#waitsFor = undefined;
    this.#perform(steps);
    this.#resume();
  }

  readonly #deskDrained = (): void => {
    this.#deskFull = false;
    this.#late(() => this.#resume());
  };

  #late(act: () => void): void {
    if (this.#wire.broken === undefined) return act();
    try {
      act();
    } catch (error) {
      this.#wire.broken(error);
    }
  }

  #blocked(): boolean {
    return this.#waitsFor !== undefined || this.#deskFull || this.#wireFull;
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#wire.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#over || this.#blocked()) return;
    this.#paused = false;
    this.#wire.resume();
  }

  /** All that was said since the last time, in one write. */
  #writeOut(): void {
    if (this.#out.length === 0) return;
    const out = this.#out;
    this.#out = [];
    if (!this.#wire.write(joined(out))) this.#wireFull = true;
    // A peer that does not read its replies gets no more of them: they would pile up here.
    if (this.#wireFull) this.#pause();
  }
}

/** A conversation as its wire's owner sees it, whatever protocol it speaks. */
export type Dialogue = Pick<
  Conversation<never, never, never>,
  | "start"
  | "receive"
  | "drained"
  | "secured"
  | "timeout"
  | "shutdown"
  | "finished"
  | "closed"
  | "patienceMs"
  | "progress"
>;

/** All of it in one piece: a write is a system call, which costs more than copying a chunk. */
function joined(out: readonly (string | Uint8Array)[]): string | Uint8Array {
  const [first = ""] = out;
  if (out.length === 1) return first;
  if (out.every((data) => typeof data === "string")) return out.join("");
  const all = new Uint8Array(out.reduce((octets, data) => octets + data.length, 0));
  let at = 0;
  for (const data of out) {
    if (typeof data === "string") putOctets(data, all, at);
    else all.set(data, at);
    at += data.length;
  }
  return all;
}
