/**
 * Octets in, as they come; lines out, with their numbers. UTF-8 is decoded (what is none becomes U+FFFD), a carriage return
 * before the end of a line is a blank. A line that is too long is left out and reported, and never held.
 */

/** Characters of a line. A text is cut to 255 octets anyway (see template.ts). */
export const LINE_LIMIT = 16_384;

export interface LineTaker {
  line(text: string, number: number): void;
  tooLong(number: number): void;
}

export class Lines {
  readonly #taker: LineTaker;
  readonly #decoder = new TextDecoder();
  #number = 1;
  /** What of a line has come so far. */
  #begun = "";
  /** The line is too long: what comes of it is thrown away. */
  #skipping = false;

  constructor(taker: LineTaker) {
    this.#taker = taker;
  }

  push(octets: Uint8Array): void {
    this.#take(this.#decoder.decode(octets, { stream: true }));
  }

  /** The last line needs no line end. */
  end(): void {
    this.#take(this.#decoder.decode());
    if (this.#begun !== "" || this.#skipping) this.#finish("");
  }

  #take(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      this.#finish(text.slice(from, at));
      from = at + 1;
    }
    this.#begin(text.slice(from));
  }

  #begin(text: string): void {
    if (this.#skipping) return;
    this.#begun += text;
    if (this.#begun.length <= LINE_LIMIT) return;
    this.#begun = "";
    this.#skipping = true;
  }

  #finish(rest: string): void {
    this.#begin(rest);
    if (this.#skipping) this.#taker.tooLong(this.#number);
    else this.#taker.line(trimmed(this.#begun), this.#number);
    this.#number++;
    this.#begun = "";
    this.#skipping = false;
  }
}

/** Without the blanks around it. `trim` would take what is no blank to others, such as U+00A0. */
function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** A space, a tab, or what DOS has before a line end. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
