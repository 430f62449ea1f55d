/**
 * Bytes that have arrived and are not consumed yet, and CRLF lines taken from them. A line with a bare CR,
 * a bare LF or a NUL is a fault, never a line: two servers that disagree about line ends are how mail is
 * smuggled. Each octet is looked at once; an over-long line is dropped as it comes, not stored.
 */

/** Octets that only an attacker or a broken program sends; each ends the connection. */
export type OctetFault = "bare CR" | "bare LF" | "NUL";

export type LineResult =
  | { readonly kind: "line"; readonly bytes: Uint8Array } // without its CRLF
  | { readonly kind: "more" } // no complete line yet
  | { readonly kind: "too-long" } // it was consumed and dropped, CRLF included
  | { readonly kind: "fault"; readonly fault: OctetFault };

const CR = 13;
const LF = 10;
const MORE = { kind: "more" } as const;
const TOO_LONG = { kind: "too-long" } as const;
/** Shared by all inputs that hold nothing. */
const NOTHING = new Uint8Array(0);

export class Input {
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** Up to here the line at #start was examined. */
  #scanned = 0;
  #overlong = false;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.length === 0) {
      this.#bytes = chunk; // held as it came: a wire hands over each array once
      this.#start = this.#scanned = 0;
      this.#end = chunk.length;
      return;
    }
    this.#reserve(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Everything that waits, as one view; `consume` says how much of it was used. */
  view(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  consume(octets: number): void {
    if (octets > this.length) throw new RangeError(`${octets} octets of ${this.length} consumed`);
    this.#start += octets;
    this.#scanned = Math.max(this.#scanned, this.#start);
    if (this.#start === this.#end) this.#empty();
  }

  /** Forgets everything, a half-read line included: RFC 3207 §4.2, and after a fault. */
  clear(): void {
    this.#overlong = false;
    this.#empty();
  }

  #empty(): void {
    this.#bytes = NOTHING;
    this.#start = this.#end = this.#scanned = 0;
  }

  /** The next line of at most `limit` octets, CRLF included. */
  takeLine(limit: number): LineResult {
    for (let i = this.#scanned; i < this.#end; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte > CR) continue;
      if (byte === 0) return this.#fault("NUL");
      if (byte === LF) return this.#fault("bare LF");
      if (byte !== CR) continue;
      if (i + 1 === this.#end) return this.#wait(i, limit);
      if (this.#bytes[i + 1] !== LF) return this.#fault("bare CR");
      return this.#line(i, limit);
    }
    return this.#wait(this.#end, limit);
  }

  #line(cr: number, limit: number): LineResult {
    const bytes = this.#bytes.subarray(this.#start, cr);
    const tooLong = this.#overlong || bytes.length + 2 > limit;
    this.#overlong = false;
    this.consume(cr + 2 - this.#start);
    this.#scanned = this.#start;
    return tooLong ? TOO_LONG : { kind: "line", bytes };
  }

  #wait(scanned: number, limit: number): LineResult {
    this.#scanned = scanned;
    if (this.#overlong || scanned - this.#start > limit) {
      this.#overlong = true;
      this.consume(scanned - this.#start);
    }
    return MORE;
  }

  #fault(fault: OctetFault): LineResult {
    this.clear();
    return { kind: "fault", fault };
  }

  /** Room for `octets` more behind #end, growing by doubling so that single bytes stay linear. */
  #reserve(octets: number): void {
    if (this.#end + octets <= this.#bytes.length) return;
    const waiting = this.view();
    const grown = new Uint8Array(Math.max(2 * waiting.length, waiting.length + octets, 64));
    grown.set(waiting);
    this.#scanned -= this.#start;
    this.#bytes = grown;
    this.#end = waiting.length;
    this.#start = 0;
  }
}
