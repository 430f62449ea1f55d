/**
 * Where TOP stops (RFC 1939 §7): after the header section, the blank line and `lines` lines of the body. It
 * looks at each octet once and keeps none.
 */
const LF = 10;

export class TopCut {
  #linesLeft: number;
  #inBody = false;
  /** Octets so far of the line that is being read, its CR included. */
  #lineOctets = 0;

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
      this.#lineOctets += end - from;
      if (lf >= 0) this.#endLine();
      from = lf < 0 ? end : lf + 1;
    }
    return chunk.subarray(0, from);
  }

  #endLine(): void {
    if (this.#inBody) this.#linesLeft--;
    else this.#inBody = this.#lineOctets === 1; // the CR alone: stored lines end in CRLF
    this.#lineOctets = 0;
  }
}
