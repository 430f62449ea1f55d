/**
 * Content on its way out: a dot before each line that begins with one (RFC 5321 §4.5.2, RFC 1939 §3), and
 * the end mark. The inverse of `DotReader`, for any split into chunks.
 */
const LF = 10;
const DOT = 46;
const CRLF_DOT_CRLF = Uint8Array.of(13, LF, DOT, 13, LF);

export class DotWriter {
  #atLineStart = true;

  /** The chunk with its dots stuffed; the chunk itself when there are none. */
  write(chunk: Uint8Array): Uint8Array {
    const dots = this.#leadingDots(chunk);
    if (dots.length === 0) return chunk;
    const stuffed = new Uint8Array(chunk.length + dots.length);
    let from = 0;
    dots.forEach((dot, i) => {
      stuffed.set(chunk.subarray(from, dot), from + i);
      stuffed[dot + i] = DOT;
      from = dot;
    });
    stuffed.set(chunk.subarray(from), from + dots.length);
    return stuffed;
  }

  /** The end mark; it also ends a last line that has no CRLF of its own. */
  end(): Uint8Array {
    return this.#atLineStart ? CRLF_DOT_CRLF.subarray(2) : CRLF_DOT_CRLF;
  }

  #leadingDots(chunk: Uint8Array): number[] {
    const dots: number[] = [];
    if (chunk.length === 0) return dots;
    if (this.#atLineStart && chunk[0] === DOT) dots.push(0);
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, lf + 1))
      if (chunk[lf + 1] === DOT) dots.push(lf + 1);
    this.#atLineStart = chunk[chunk.length - 1] === LF;
    return dots;
  }
}
