/**
 * Where TOP stops (RFC 1939 §7): after the header section, the blank line and `lines` lines of the body. It
 * looks at each octet once and keeps none.
 */
const CR = 13;
const LF = 10;

export class TopCut {
  #linesLeft: number;
  #inBody = false;
  /** Octets so far of the line that is being read, its CR included; and the first of them. */
  #lineOctets = 0;
  #firstOctet: number | undefined;

  constructor(lines: number) {
    this.#linesLeft = lines;
  }

  /** Everything wanted has been taken. */
  get done(): boolean {
    return this.#inBody && this.#linesLeft === 0;
  }

  /** That part of the chunk which TOP sends. */
  take(chunk: Uint8Array): Uint8Array {
    let from = 0;
    while (from < chunk.length && !this.done) {
      const lf = chunk.indexOf(LF, from);
      const end = lf < 0 ? chunk.length : lf;
      if (this.#lineOctets === 0) this.#firstOctet = chunk[from];
      this.#lineOctets += end - from;
      if (lf >= 0) this.#endLine();
      from = lf < 0 ? end : lf + 1;
    }
    return chunk.subarray(0, from);
  }

  #endLine(): void {
    const blank = this.#lineOctets === 0 || (this.#lineOctets === 1 && this.#firstOctet === CR);
    if (this.#inBody) this.#linesLeft--;
    else this.#inBody = blank;
    this.#lineOctets = 0;
  }
}
