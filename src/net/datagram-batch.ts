/**
 * Datagrams of a socket, many in one call of the system: those that have come, and their answers. All memory is made once and lies still; what the
 * system is told about it is fixed but for lengths, so no pointer is ever made of what came from a stranger.
 */
import { AF_INET, type BatchCalls } from "./batch-calls.ts";

/** Datagrams in one call. */
export const BATCH = 32;

/** Octets of a question, and of an answer. */
const QUESTION_OCTETS = 4096;
export const ANSWER_OCTETS = 4096;

const [MSG_DONTWAIT, MSG_TRUNC] = [0x40, 0x20];

// recvmmsg(2): struct mmsghdr, with words of 64 bits: a msghdr (name, its length, iovec, how many, control, its length, flags) and the datagram's length.
const HEADER_OCTETS = 64;
const [NAME_LENGTH, IOVEC, IOVECS, FLAGS, LENGTH] = [8, 16, 24, 48, 56];
const IOVEC_OCTETS = 16;
/** For an address of either family. */
const NAME_OCTETS = 32;

const RECEIVED = 0;
const ANSWERS = RECEIVED + BATCH * HEADER_OCTETS;
const RECEIVED_IOVECS = ANSWERS + BATCH * HEADER_OCTETS;
const ANSWER_IOVECS = RECEIVED_IOVECS + BATCH * IOVEC_OCTETS;
const NAMES = ANSWER_IOVECS + BATCH * IOVEC_OCTETS;
const QUESTION_DATA = NAMES + BATCH * NAME_OCTETS;
const ANSWER_DATA = QUESTION_DATA + BATCH * QUESTION_OCTETS;
const ALL_OCTETS = ANSWER_DATA + BATCH * ANSWER_OCTETS;

export class DatagramBatch {
  readonly #calls: BatchCalls;
  readonly #socket: number;
  readonly #memory = new ArrayBuffer(ALL_OCTETS);
  readonly #octets = new Uint8Array(this.#memory);
  readonly #view = new DataView(this.#memory);
  readonly #received: bigint;
  /** Of each answer's header. */
  readonly #answers: readonly bigint[];
  /** Of answers: none where it is silent. */
  readonly #lengths = new Uint16Array(BATCH);
  #count = 0;

  constructor(calls: BatchCalls, socket: number) {
    this.#calls = calls;
    this.#socket = socket;
    const at = calls.pointerTo(this.#memory);
    this.#received = at + BigInt(RECEIVED);
    const rows = Array.from({ length: BATCH }, (_, i) => i);
    this.#answers = rows.map((i) => at + BigInt(ANSWERS + i * HEADER_OCTETS));
    for (const i of rows) {
      const name = at + BigInt(NAMES + i * NAME_OCTETS);
      this.#lay(RECEIVED + i * HEADER_OCTETS, name, at + BigInt(RECEIVED_IOVECS + i * IOVEC_OCTETS)); // prettier-ignore
      this.#lay(ANSWERS + i * HEADER_OCTETS, name, at + BigInt(ANSWER_IOVECS + i * IOVEC_OCTETS));
      this.#point(RECEIVED_IOVECS + i * IOVEC_OCTETS, at + BigInt(QUESTION_DATA + i * QUESTION_OCTETS), QUESTION_OCTETS); // prettier-ignore
      this.#point(ANSWER_IOVECS + i * IOVEC_OCTETS, at + BigInt(ANSWER_DATA + i * ANSWER_OCTETS), 0); // prettier-ignore
    }
  }

  /** How many have come, at most `BATCH`; they are there until it is asked again. */
  receive(): number {
    for (let i = 0; i < this.#count; i++)
      this.#view.setUint32(RECEIVED + i * HEADER_OCTETS + NAME_LENGTH, NAME_OCTETS, true);
    this.#lengths.fill(0);
    const count = this.#calls.recvmmsg(this.#socket, this.#received, BATCH, MSG_DONTWAIT, 0n);
    this.#count = Math.max(0, count);
    return this.#count;
  }

  /** Undefined: it was longer than any question. */
  question(i: number): Uint8Array | undefined {
    const header = RECEIVED + i * HEADER_OCTETS;
    if ((this.#view.getUint32(header + FLAGS, true) & MSG_TRUNC) !== 0) return undefined;
    const at = QUESTION_DATA + i * QUESTION_OCTETS;
    return this.#octets.subarray(at, at + this.#view.getUint32(header + LENGTH, true));
  }

  port(i: number): number {
    return this.#view.getUint16(NAMES + i * NAME_OCTETS + 2);
  }

  /** The same for the same address, and for no other. */
  addressKey(i: number): number | string {
    const name = NAMES + i * NAME_OCTETS;
    if (this.#isV4(i)) return this.#view.getUint32(name + 4);
    return [8, 12, 16, 20].map((at) => this.#view.getUint32(name + at)).join(" ");
  }

  /** In some form in which addresses are written. */
  address(i: number): string {
    const name = NAMES + i * NAME_OCTETS;
    if (this.#isV4(i)) return this.#octets.subarray(name + 4, name + 8).join(".");
    const groups = Array.from({ length: 8 }, (_, group) => this.#view.getUint16(name + 8 + group * 2)); // prettier-ignore
    return groups.map((group) => group.toString(16)).join(":");
  }

  /** It is sent with the others; at most `ANSWER_OCTETS`. */
  answer(i: number, octets: Uint8Array): void {
    this.#octets.set(octets, ANSWER_DATA + i * ANSWER_OCTETS);
    this.#lengths[i] = octets.length;
    this.#view.setUint32(ANSWER_IOVECS + i * IOVEC_OCTETS + 8, octets.length, true);
    const name = this.#view.getUint32(RECEIVED + i * HEADER_OCTETS + NAME_LENGTH, true);
    this.#view.setUint32(ANSWERS + i * HEADER_OCTETS + NAME_LENGTH, name, true);
  }

  /** All answers; `left` is called with each that the system did not take. */
  send(left: (i: number, answer: Uint8Array) => void): void {
    for (let from = 0; from < this.#count;) {
      let to = from;
      while (to < this.#count && this.#lengths[to] !== 0) to++;
      this.#sendRun(from, to, left);
      from = to + 1;
    }
  }

  /** What comes behind one that was not taken is tried again. */
  #sendRun(from: number, to: number, left: (i: number, answer: Uint8Array) => void): void {
    for (let at = from; at < to;) {
      const header = this.#answers[at] ?? 0n;
      at += Math.max(0, this.#calls.sendmmsg(this.#socket, header, to - at, MSG_DONTWAIT));
      if (at >= to) return;
      const data = ANSWER_DATA + at * ANSWER_OCTETS;
      left(at, this.#octets.subarray(data, data + (this.#lengths[at] ?? 0)));
      at++;
    }
  }

  #isV4(i: number): boolean {
    return this.#view.getUint16(NAMES + i * NAME_OCTETS, true) === AF_INET;
  }

  #lay(header: number, name: bigint, iovec: bigint): void {
    this.#view.setBigUint64(header, name, true);
    this.#view.setUint32(header + NAME_LENGTH, NAME_OCTETS, true);
    this.#view.setBigUint64(header + IOVEC, iovec, true);
    this.#view.setBigUint64(header + IOVECS, 1n, true);
  }

  #point(iovec: number, data: bigint, octets: number): void {
    this.#view.setBigUint64(iovec, data, true);
    this.#view.setBigUint64(iovec + 8, BigInt(octets), true);
  }
}
