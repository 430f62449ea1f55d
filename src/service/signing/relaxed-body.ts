/**
 * The body of a message as DKIM's "relaxed" has it (RFC 6376 §3.4.4): blanks at the end of a line are gone, others are one
 * space, and so are empty lines at the end. Promises: the same output for any slices; memory that does not grow with the body;
 * each octet is looked at once. Lines end with CRLF, as the framing guarantees.
 */

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;

/** Octets of line ends that are passed on at once, when a body goes on after that many empty lines. */
const LINE_ENDS = Buffer.from("\r\n".repeat(512));

/** Must have used the slice when it returns. */
type Emit = (slice: Uint8Array) => void;

export class RelaxedBody {
  readonly #emit: Emit;
  /** Line ends that came; they count once something follows them. */
  #lineEnds = 0;
  /** Blanks came, and nothing since. */
  #blank = false;
  #empty = true;
  #out = new Uint8Array(0);
  #length = 0;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  write(slice: Uint8Array): void {
    // More than came: a line end and a space of the slices before, which count now.
    const room = slice.length + 3;
    if (this.#out.length < room) this.#out = new Uint8Array(room);
    for (let i = 0; i < slice.length;) {
      const octet = slice[i];
      if (octet === LF) {
        this.#lineEnds++;
        this.#blank = false;
      } else if (octet === SPACE || octet === TAB) {
        this.#blank = true;
      } else if (octet !== CR) {
        this.#begin();
        i = this.#word(slice, i);
        continue;
      }
      i++;
    }
    this.#flush();
  }

  /** The body is over. */
  end(): void {
    // With its last line end, were there one or not; the empty body stays empty (§3.4.4: unlike "simple").
    if (!this.#empty) this.#emit(LINE_ENDS.subarray(0, 2));
  }

  /** Something follows: what came before it counts. */
  #begin(): void {
    if (this.#lineEnds > 0) this.#endLines();
    if (this.#blank) this.#out[this.#length++] = SPACE;
    this.#blank = false;
    this.#empty = false;
  }

  #endLines(): void {
    if (this.#lineEnds === 1) {
      this.#out[this.#length++] = CR;
      this.#out[this.#length++] = LF;
    } else {
      this.#flush();
      for (let octets = 2 * this.#lineEnds; octets > 0; octets -= LINE_ENDS.length)
        this.#emit(LINE_ENDS.subarray(0, Math.min(octets, LINE_ENDS.length)));
    }
    this.#lineEnds = 0;
  }

  /** Passes on octets that stay as they are; returns where they end. */
  #word(slice: Uint8Array, from: number): number {
    let i = from;
    let octet = slice[i];
    while (i < slice.length && octet !== SPACE && octet !== CR && octet !== LF && octet !== TAB) {
      this.#out[this.#length++] = octet ?? 0;
      octet = slice[++i];
    }
    return i;
  }

  #flush(): void {
    if (this.#length > 0) this.#emit(this.#out.subarray(0, this.#length));
    this.#length = 0;
  }
}
