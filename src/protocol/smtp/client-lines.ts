/**
 * Lines of more than 998 octets, broken so that none leaves (RFC 5321 §4.5.3.1.6, RFC 5322 §2.1.1: MUST). Scripts write
 * such lines, and returning all their mail helps nobody. The break is CRLF before a blank: in a header section that is
 * folding and changes nothing, in a text or HTML body next to nothing. Only where 998 octets have no blank a space is
 * put in, never inside a UTF-8 character. It does change a signed body, which such a line does to it at the next hop anyway.
 * Promises: the same output for any chunks; CRLF lines only, as it was given; it keeps less than one line.
 */

/** Octets of a line without its CRLF. */
export const LINE_LIMIT = 998;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const NOTHING = new Uint8Array(0);
const BREAK = Uint8Array.of(CR, LF);
const SPACED_BREAK = Uint8Array.of(CR, LF, SPACE);

type Emit = (slice: Uint8Array) => void;

export class LineBreaker {
  /** The beginning of a line whose end has not come. */
  #kept: Uint8Array = NOTHING;
  /** Octets of that line that have left already: 0, or 1 for a space that was put in. */
  #left = 0;

  /** Passes on all complete lines, in slices that are never empty. `bytes` have CRLF as their only CR and LF. */
  write(bytes: Uint8Array, emit: Emit): void {
    let from = 0;
    let lineStart = 0;
    for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, lineStart)) {
      const lineEnd = lf + 1;
      if (this.#left + this.#kept.length + lineEnd - lineStart > LINE_LIMIT + 2) {
        if (lineStart > from) emit(bytes.subarray(from, lineStart));
        emit(this.#broken(joined(this.#takeKept(), bytes.subarray(lineStart, lineEnd)), 2, emit));
        from = lineEnd;
      } else if (this.#kept.length > 0) {
        emit(this.#takeKept());
      }
      this.#left = 0;
      lineStart = lineEnd;
    }
    if (lineStart > from) emit(bytes.subarray(from, lineStart));
    this.#keep(bytes.subarray(lineStart), emit);
  }

  /** A last line without CRLF. */
  end(emit: Emit): void {
    if (this.#kept.length > 0) emit(this.#takeKept());
  }

  /** Of a line that is too long already the pieces that are sure leave at once. */
  #keep(rest: Uint8Array, emit: Emit): void {
    if (rest.length === 0) return;
    const line = joined(this.#takeKept(), rest);
    const cr = line[line.length - 1] === CR ? 1 : 0;
    this.#kept = this.#broken(line, cr, emit).slice();
  }

  #takeKept(): Uint8Array {
    const kept = this.#kept;
    this.#kept = NOTHING;
    return kept;
  }

  /** Passes on pieces while there is more than a line, `ending` octets of a line end not counted; returns what is left. */
  #broken(line: Uint8Array, ending: number, emit: Emit): Uint8Array {
    let rest = line;
    while (this.#left + rest.length - ending > LINE_LIMIT) {
      const room = LINE_LIMIT - this.#left;
      const blank = lastBlank(rest, room);
      const at = blank > 0 ? blank : characterStart(rest, room);
      emit(rest.subarray(0, at));
      emit(blank > 0 ? BREAK : SPACED_BREAK);
      rest = rest.subarray(at);
      this.#left = blank > 0 ? 0 : 1;
    }
    return rest;
  }
}

/** The last blank up to `limit` that has something else before it: no line may be of blanks alone. */
function lastBlank(line: Uint8Array, limit: number): number {
  for (let i = limit; i > 0; i--) {
    if (!isBlank(line[i])) continue;
    let before = i - 1;
    while (before >= 0 && isBlank(line[before])) before--;
    return before >= 0 ? i : -1;
  }
  return -1;
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

/** The last start of a UTF-8 character up to `limit`; `limit` itself when there is none in reach. */
function characterStart(line: Uint8Array, limit: number): number {
  for (let i = limit; i > limit - 4; i--) if (((line[i] ?? 0) & 0xc0) !== 0x80) return i;
  return limit;
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  const all = new Uint8Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}
