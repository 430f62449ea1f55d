/**
 * A body in blocks of whole lines, whatever slices it comes in. mailauth keeps the beginning of a line until its end comes,
 * reads it anew with each slice, and holds on to the memory of what it was given; so it is given blocks that are its own and end
 * with a line. Promises: less than two blocks are kept, and each octet is copied twice at most.
 */

/** Octets of a block; a line that does not fit into one is no mail that anybody has to vouch for (RFC 5322 §2.1.1: 998). */
export const BLOCK_OCTETS = 65_536;

const LF = 10;
/** Where the first block begins: most mail is small. */
const FIRST_OCTETS = 4096;

export class WholeLines {
  readonly #emit: (block: Uint8Array) => void;
  #kept = new Uint8Array(0);
  #length = 0;

  constructor(emit: (block: Uint8Array) => void) {
    this.#emit = emit;
  }

  /** False when a line is too long; nothing more is passed on then. */
  write(slice: Uint8Array): boolean {
    for (let at = 0; at < slice.length;) {
      const fits = slice.subarray(at, at + BLOCK_OCTETS - this.#length);
      this.#keep(fits);
      at += fits.length;
      if (this.#length === BLOCK_OCTETS && !this.#passOn()) return false;
    }
    return true;
  }

  /** The body is over, whether its last line has an end or not. */
  end(): void {
    if (this.#length > 0) this.#emit(this.#kept.subarray(0, this.#length));
  }

  #passOn(): boolean {
    const end = this.#kept.lastIndexOf(LF) + 1;
    if (end === 0) return false;
    const block = this.#kept;
    this.#kept = block.slice(end);
    this.#length = block.length - end;
    this.#emit(block.subarray(0, end));
    return true;
  }

  #keep(slice: Uint8Array): void {
    const needed = this.#length + slice.length;
    if (needed > this.#kept.length) {
      const grown = new Uint8Array(
        Math.min(BLOCK_OCTETS, Math.max(needed, 2 * this.#kept.length, FIRST_OCTETS)),
      );
      grown.set(this.#kept.subarray(0, this.#length));
      this.#kept = grown;
    }
    this.#kept.set(slice, this.#length);
    this.#length = needed;
  }
}
