/** DNS messages in a stream: each behind its length, in two octets (RFC 1035 §4.2.2, RFC 7766 §8). */

const LENGTH_OCTETS = 2;

/** Reads one after the other, in whatever pieces they come. Each has a buffer of its own; memory is one message at most. */
export class IncomingMessages {
  #octets = new Uint8Array(LENGTH_OCTETS);
  #filled = 0;
  #lengthIsKnown = false;
  /** Given, and not read yet. */
  #rest: Uint8Array = new Uint8Array(0);

  give(chunk: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  /** The next message that is whole; undefined: more octets are needed. */
  next(): Uint8Array | undefined {
    while (this.#fill()) {
      const octets = this.#octets;
      const isMessage = this.#lengthIsKnown;
      const [high = 0, low = 0] = octets;
      this.#lengthIsKnown = !isMessage;
      this.#octets = new Uint8Array(isMessage ? LENGTH_OCTETS : high * 256 + low);
      this.#filled = 0;
      if (isMessage) return octets;
    }
    return undefined;
  }

  /** Whether what was to be read is whole. */
  #fill(): boolean {
    const taken = this.#rest.subarray(0, this.#octets.length - this.#filled);
    this.#octets.set(taken, this.#filled);
    this.#filled += taken.length;
    this.#rest = this.#rest.subarray(taken.length);
    return this.#filled === this.#octets.length;
  }
}

/** The message behind its length. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_OCTETS + message.length);
  frame[0] = message.length >> 8;
  frame[1] = message.length & 0xff;
  frame.set(message, LENGTH_OCTETS);
  return frame;
}
