/**
 * The question of a query, read in place into one object that is used for all: its name in lower case with dots between its labels, and
 * where each label begins. Text octet i stands in the packet at 13 + i, the length octet of a label in front of it.
 */
import { HEADER_OCTETS, uint16 } from "./header.ts";

const NAME_OCTETS_LIMIT = 255;
const LABEL_OCTETS_LIMIT = 63;
const DOT = 0x2e;
const BACKSLASH = 0x5c;

export class Question {
  readonly name = new Uint8Array(NAME_OCTETS_LIMIT);
  /** Octets of the name. */
  length = 0;
  labels = 0;
  readonly #starts = new Uint8Array(NAME_OCTETS_LIMIT / 2 + 2);
  type = 0;
  qclass = 0;
  /** Where the packet goes on. */
  end = 0;
  /** No label has an octet that no name in a list has: what reads like a name is it. */
  plain = true;

  /** Where a label's text begins; where the name ends for the one behind the last. */
  start(label: number): number {
    return this.#starts[label] ?? 0;
  }

  /** Where a label ends, without the dot. */
  stop(label: number): number {
    return this.start(label + 1) - 1;
  }

  /** False where there is no whole question. A pointer leads nowhere yet, and is none (RFC 1035 §4.1.4). */
  read(packet: Uint8Array): boolean {
    let at = HEADER_OCTETS;
    this.labels = 0;
    this.plain = true;
    for (;;) {
      const length = packet[at];
      if (length === undefined || length > LABEL_OCTETS_LIMIT) return false;
      const text = at - HEADER_OCTETS;
      if (text + length + 1 > NAME_OCTETS_LIMIT) return false;
      this.#starts[this.labels] = text;
      if (length === 0) return this.#finish(packet, at, text);
      if (text > 0) this.name[text - 1] = DOT;
      this.#label(packet, at + 1, text, length);
      this.labels++;
      at += length + 1;
    }
  }

  /** What stands behind the name; the dot behind the last label is no part of it. */
  #finish(packet: Uint8Array, at: number, text: number): boolean {
    this.length = Math.max(0, text - 1);
    this.type = uint16(packet, at + 1);
    this.qclass = uint16(packet, at + 3);
    this.end = at + 5;
    return this.end <= packet.length;
  }

  #label(packet: Uint8Array, from: number, to: number, length: number): void {
    for (let i = 0; i < length; i++) {
      const octet = packet[from + i] ?? 0;
      if (octet <= 0x20 || octet >= 0x7f || octet === DOT || octet === BACKSLASH)
        this.plain = false;
      this.name[to + i] = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
    }
  }
}
