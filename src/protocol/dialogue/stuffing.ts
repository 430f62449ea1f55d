/**
 * Content on its way out: a dot before each line that begins with one (RFC 5321 §4.5.2, RFC 1939 §3), and
 * the end mark. The inverse of `DotReader`, for any split into chunks.
 */
const CR = 13;
const LF = 10;
const DOT = 46;
const CRLF_DOT_CRLF = Uint8Array.of(CR, LF, DOT, CR, LF);

/** Dots are stuffed behind any LF, for readers that end lines there; but the end mark stands behind a CRLF, for those that do not. */
export class DotWriter {
  /** The last two octets; at the beginning there is a line's end before us. */
  #last: readonly [number, number] = [CR, LF];

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
    const [beforeLast, last] = this.#last;
    return beforeLast === CR && last === LF ? CRLF_DOT_CRLF.subarray(2) : CRLF_DOT_CRLF;
  }

  #leadingDots(chunk: Uint8Array): number[] {
    const dots: number[] = [];
    if (chunk.length === 0) return dots;
    if (this.#last[1] === LF && chunk[0] === DOT) dots.push(0);
    for (let lf = chunk.indexOf(LF); lf >= 0; lf = chunk.indexOf(LF, lf + 1))
      if (chunk[lf + 1] === DOT) dots.push(lf + 1);
    this.#last = [chunk.at(-2) ?? this.#last[1], chunk.at(-1) ?? 0];
    return dots;
  }
}
