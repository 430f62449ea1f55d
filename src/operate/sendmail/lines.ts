/** What a program writes on standard input, made into the lines of a message. */

const CR = 13;
const LF = 10;
const DOT = 46;
const SPACE = 32;

/** Octets of a message: it is in memory while it is handed over. */
export const MESSAGE_LIMIT = 128 * 1024 * 1024;

/**
 * Collects what is written, up to the end or to a line with nothing but a dot. A person at a terminal ends a message like
 * this, so it is seen as it comes.
 */
export class MessageInput {
  readonly #ignoreDots: boolean;
  readonly #pieces: Buffer[] = [];
  /** The last octets before the next piece, in which the beginning of an end mark may be. */
  #tail = Buffer.from("\n");
  octets = 0;

  constructor(ignoreDots: boolean) {
    this.#ignoreDots = ignoreDots;
  }

  /** False when no more is wanted. */
  push(piece: Uint8Array): boolean {
    if (this.octets > MESSAGE_LIMIT) return false;
    this.octets += piece.length;
    this.#pieces.push(Buffer.from(piece));
    if (this.#ignoreDots) return true;
    const seen = Buffer.concat([this.#tail, piece]);
    this.#tail = seen.subarray(-3);
    return !seen.includes("\n.\n") && !seen.includes("\n.\r\n");
  }

  /** The message, its lines ending with CRLF; undefined where it is larger than the limit. */
  message(): Uint8Array | undefined {
    if (this.octets > MESSAGE_LIMIT) return undefined;
    return wireLines(Buffer.concat(this.#pieces), this.#ignoreDots);
  }
}

/**
 * LF and CRLF end a line, with any number of CR before: scripts write both at once. A CR inside a line becomes a blank, for
 * where it is taken for an end, whoever fills in a subject could write fields of his own.
 */
function wireLines(raw: Uint8Array, ignoreDots: boolean): Uint8Array {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < raw.length;) {
    const found = raw.indexOf(LF, start);
    const next = found < 0 ? raw.length : found + 1;
    let end = found < 0 ? raw.length : found;
    while (end > start && raw[end - 1] === CR) end--;
    const line = raw.subarray(start, end);
    if (!ignoreDots && line.length === 1 && line[0] === DOT) break;
    for (let at = line.indexOf(CR); at >= 0; at = line.indexOf(CR, at)) line[at] = SPACE;
    lines.push(line, END);
    start = next;
  }
  return Buffer.concat(lines);
}

const END = Buffer.from("\r\n");
