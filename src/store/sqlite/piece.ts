/** Content collected until it is as large as one part: copied once, given away as an exact array. */

/** Octets of a part; a message of at most so much content is stored in one piece. */
export const PIECE_OCTETS = 256 * 1024;

export class Piece {
  #octets = new Uint8Array(0);
  #length = 0;

  /** Copies what fits; returns the rest of the slice. */
  take(slice: Uint8Array): Uint8Array {
    const fitting = slice.subarray(0, PIECE_OCTETS - this.#length);
    this.#reserve(this.#length + fitting.length);
    this.#octets.set(fitting, this.#length);
    this.#length += fitting.length;
    return slice.subarray(fitting.length);
  }

  /** Gives the content away and begins again empty. */
  release(): ArrayBuffer {
    const { buffer } = this.#octets;
    const exact = buffer.byteLength === this.#length ? buffer : buffer.transfer(this.#length);
    this.#octets = new Uint8Array(0);
    this.#length = 0;
    return exact;
  }

  /** The first slice gets exactly its size, for most messages are one slice; after it, by doubling. */
  #reserve(length: number): void {
    const size = this.#octets.length;
    if (length <= size) return;
    const grown = Math.min(Math.max(length, 2 * size), PIECE_OCTETS);
    this.#octets = new Uint8Array(this.#octets.buffer.transfer(grown));
  }
}

/** The octets in an array of their own: a slice would carry the whole slab it lies in to the other thread. */
export function exactCopy(slice: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(slice.length);
  copy.set(slice);
  return copy.buffer;
}
