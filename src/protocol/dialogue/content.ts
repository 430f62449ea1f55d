/**
 * A message's content on its way in. DATA (RFC 5321 §4.1.1.4, §4.5.2) ends at CRLF.CRLF and at nothing
 * else, and loses its stuffed dots; BDAT (RFC 3030) ends by count. Both refuse a bare CR, a bare LF and NUL
 * (relay catalogue R130). Content is passed on in slices of what arrived, never copied or turned into text.
 */
import type { OctetFault } from "./input.ts";

export type ContentResult =
  /** All octets were used up, the end was not among them. */
  | { readonly kind: "more" }
  /** It ended; what comes after `consumed` octets is something else. */
  | { readonly kind: "end"; readonly consumed: number }
  /** Nothing after this can be trusted. */
  | { readonly kind: "fault"; readonly fault: OctetFault };

export interface ContentReader {
  /** Passes the content found in `bytes` to `emit`, in order, in slices that are never empty. */
  read(bytes: Uint8Array, emit: (slice: Uint8Array) => void): ContentResult;
}

const CR = 13;
const LF = 10;
const DOT = 46;
const MORE = { kind: "more" } as const;

const AT_LINE_START = 0;
const IN_LINE = 1;
const AFTER_CR = 2;
const AFTER_DOT = 3;
const AFTER_DOT_CR = 4;

/** Finds the end of DATA. One for each message. */
export class DotReader implements ContentReader {
  #state = AT_LINE_START;

  read(bytes: Uint8Array, emit: (slice: Uint8Array) => void): ContentResult {
    let from = 0;
    let state = this.#state;
    const next = (at: number): number => (state === IN_LINE ? endOfText(bytes, at) : at);
    for (let i = next(0); i < bytes.length; i = next(i + 1)) {
      const byte = bytes[i] ?? 0;
      if (byte === LF) {
        if (state === AFTER_DOT_CR) return { kind: "end", consumed: i + 1 };
        if (state !== AFTER_CR) return fault("bare LF");
        state = AT_LINE_START;
      } else if (state === AFTER_CR || state === AFTER_DOT_CR) {
        return fault("bare CR");
      } else if (byte === 0) {
        return fault("NUL");
      } else if (byte === CR) {
        // After a dot alone on its line the CR is held back: an LF makes it the end mark, all else a fault.
        if (state === AFTER_DOT) from = i + 1;
        state = state === AFTER_DOT ? AFTER_DOT_CR : AFTER_CR;
      } else if (byte === DOT && state === AT_LINE_START) {
        if (i > from) emit(bytes.subarray(from, i));
        from = i + 1;
        state = AFTER_DOT;
      } else {
        state = IN_LINE;
      }
    }
    this.#state = state;
    if (bytes.length > from) emit(bytes.subarray(from));
    return MORE;
  }
}

/** Reads content whose length is announced, chunk after chunk. One for each message. */
export class CountedReader implements ContentReader {
  #left = 0;
  #last = false;
  #afterCr = false;

  /** Begins the next chunk. After the last one a CR may not be left alone. */
  expect(octets: number, last: boolean): void {
    this.#left = octets;
    this.#last = last;
  }

  read(bytes: Uint8Array, emit: (slice: Uint8Array) => void): ContentResult {
    const octets = Math.min(bytes.length, this.#left);
    const slice = bytes.subarray(0, octets);
    const found = this.#faultIn(slice);
    if (found !== undefined) return fault(found);
    this.#left -= octets;
    if (octets > 0) emit(slice);
    if (this.#left > 0) return MORE;
    return this.#last && this.#afterCr ? fault("bare CR") : { kind: "end", consumed: octets };
  }

  #faultIn(bytes: Uint8Array): OctetFault | undefined {
    let afterCr = this.#afterCr;
    const next = (at: number): number => (afterCr ? at : endOfText(bytes, at));
    for (let i = next(0); i < bytes.length; i = next(i + 1)) {
      const byte = bytes[i] ?? 0;
      if (afterCr !== (byte === LF)) return afterCr ? "bare CR" : "bare LF";
      if (byte === 0) return "NUL";
      afterCr = byte === CR;
    }
    this.#afterCr = afterCr;
    return undefined;
  }
}

/** Passes over octets that belong to no message: they are neither kept nor looked at. */
export class SkippingReader implements ContentReader {
  #left: number;

  constructor(octets: number) {
    this.#left = octets;
  }

  read(bytes: Uint8Array): ContentResult {
    const consumed = Math.min(bytes.length, this.#left);
    this.#left -= consumed;
    return this.#left > 0 ? MORE : { kind: "end", consumed };
  }
}

/**
 * The first index from `at` on that holds CR or an octet below it. Nearly every octet is text: a loop that does nothing
 * but pass over it is three times as fast.
 */
function endOfText(bytes: Uint8Array, at: number): number {
  const { length } = bytes;
  let i = at;
  while (i < length && (bytes[i] ?? 0) > CR) i++;
  return i;
}

function fault(octetFault: OctetFault): ContentResult {
  return { kind: "fault", fault: octetFault };
}
