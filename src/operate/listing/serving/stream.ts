/**
 * DNS over TCP (RFC 7766): questions come one behind the other, also before the first is answered, and are answered in their order.
 * A zone's transfer (RFC 5936) goes out as fast as the secondary takes it; what he asks meanwhile waits. Promises: nothing is read
 * while answers wait to be taken, so a connection's memory is bounded; who is silent, or does not read, is left alone.
 */
import { framed, IncomingMessages, type Peer } from "../../../net/index.ts";
import type { Dialogue, Wire } from "../../../protocol/dialogue/index.ts";
import type { Clock } from "../../../runtime/index.ts";
import type { ZoneAnswerer } from "./zone-answerer.ts";

export interface StreamLimits {
  /** Milliseconds without a question, or without taking an answer. */
  readonly idleMs: number;
  /** Instead of it, where it is less, while there are many connections. */
  readonly crowdedMs: number;
}

export interface StreamParts {
  /** By whom the next question is answered. */
  readonly answers: () => Pick<ZoneAnswerer, "answer" | "transfer" | "out">;
  readonly clock: Pick<Clock, "now">;
  readonly limits: StreamLimits;
}

export class DnsDialogue implements Dialogue {
  readonly #parts: StreamParts;
  readonly #peer: Peer;
  readonly #wire: Wire;
  readonly #incoming = new IncomingMessages();
  /** What is being sent, message by message. */
  #transfer: Iterator<Uint8Array> | undefined;
  #isFull = false;
  /** No question will be read any more. */
  #isLast = false;
  #isOver = false;
  /** There is nothing to be said to who asks so. */
  #silent = false;
  #progress = 0;

  constructor(parts: StreamParts, peer: Peer, wire: Wire) {
    this.#parts = parts;
    this.#peer = peer;
    this.#wire = wire;
  }

  start(): void {}

  receive(octets: Uint8Array): void {
    if (this.#isOver || this.#isLast) return;
    this.#incoming.give(octets);
    this.#goOn();
  }

  drained(): void {
    if (this.#isOver || !this.#isFull) return;
    this.#isFull = false;
    this.#progress++;
    this.#goOn();
  }

  secured(): void {
    throw new Error("the DNS has no command that begins TLS");
  }

  timeout(): void {
    this.#end();
  }

  /** What has been asked is answered. */
  shutdown(): void {
    this.finished();
  }

  finished(): void {
    this.#isLast = true;
    if (this.#transfer === undefined && !this.#isFull) this.#end();
  }

  closed(): void {
    this.#isOver = true;
    this.#transfer = undefined;
  }

  patienceMs(crowded = false): number {
    const { idleMs, crowdedMs } = this.#parts.limits;
    return crowded ? Math.min(idleMs, crowdedMs) : idleMs;
  }

  /** Octets that come one by one are no question. */
  progress(): number {
    return this.#progress;
  }

  /** Answers what has come, until the other side has to take it, or to ask again. */
  #goOn(): void {
    const batch: Uint8Array[] = [];
    let octets = 0;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      batch.push(frame);
      octets += frame.length;
      if (octets < BATCH_OCTETS) continue;
      this.#write(batch.splice(0));
      if (this.#isFull) break;
      octets = 0;
    }
    this.#write(batch);
    if (this.#isOver) return;
    if (this.#isFull) this.#wire.pause();
    else if (this.#isLast) this.#end();
    else this.#wire.resume();
  }

  /** What is to be sent next; undefined where there is nothing yet, or will be nothing any more. */
  #next(): Uint8Array | undefined {
    const { answers, clock } = this.#parts;
    for (;;) {
      const part = this.#transfer?.next();
      if (part !== undefined && part.done !== true) return framed(part.value);
      this.#transfer = undefined;
      const question = this.#silent ? undefined : this.#incoming.next();
      if (question === undefined) return undefined;
      this.#progress++;
      const [answerer, { ip }, now] = [answers(), this.#peer, clock.now()];
      this.#transfer = answerer.transfer(question, ip, now)?.[Symbol.iterator]();
      if (this.#transfer !== undefined) continue;
      const length = answerer.answer(question, ip, "tcp", now);
      if (length > 0) return framed(answerer.out.subarray(0, length));
      this.#silent = this.#isLast = true; // who gets no answer has no reason to stay
    }
  }

  #write(batch: readonly Uint8Array[]): void {
    if (batch.length > 0 && !this.#wire.write(Buffer.concat(batch))) this.#isFull = true;
  }

  #end(): void {
    if (this.#isOver) return;
    this.closed();
    this.#wire.end();
  }
}

/** Octets that are handed to the system at once. */
const BATCH_OCTETS = 65_536;
