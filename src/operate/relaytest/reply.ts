/**
 * Replies of a server as RFC 5321 §4.2 has them, read strictly: three digits, a hyphen on every line but the
 * last, CRLF, the same code throughout. What cannot be read so is no answer.
 */

export interface Reply {
  readonly code: number;
  /** RFC 2034 enhanced code of the first line; absent where there is none or its class is not the code's. */
  readonly enhanced?: string;
  /** As they came, without CRLF. */
  readonly lines: readonly string[];
}

export type ReplyResult =
  | { readonly kind: "reply"; readonly reply: Reply }
  /** The reply is not complete yet. */
  | { readonly kind: "more" }
  | { readonly kind: "malformed"; readonly line: string };

const LINE = /^([2-5][0-9]{2})(?:$|[ -](?:([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$))?)/;
/** Octets of a line (RFC 5321 §4.5.3.1.5 allows 512) and lines of a reply that are still read. */
const LINE_LIMIT = 4096;
const LINES_LIMIT = 1000;

const MORE = { kind: "more" } as const;

/** Takes replies from what a connection brings. One for each connection. */
export class ReplyReader {
  #waiting = "";
  #lines: string[] = [];
  /** Of the first line of the reply that is coming in. */
  #code = "";
  #enhanced: string | undefined;

  feed(octets: string): void {
    this.#waiting += octets;
  }

  next(): ReplyResult {
    for (;;) {
      const end = this.#waiting.indexOf("\n");
      if (end < 0) return this.#waiting.length > LINE_LIMIT ? this.#malformed(this.#waiting) : MORE;
      const line = this.#waiting.slice(0, end + 1);
      this.#waiting = this.#waiting.slice(end + 1);
      const result = this.#line(line);
      if (result.kind !== "more") return result;
    }
  }

  #line(line: string): ReplyResult {
    const text = line.slice(0, -2);
    const [, code, enhanced] = LINE.exec(text) ?? [];
    if (code === undefined || !line.endsWith("\r\n")) return this.#malformed(line);
    if (this.#lines.length === 0) {
      this.#code = code;
      this.#enhanced = enhanced;
    }
    if (code !== this.#code || this.#lines.length === LINES_LIMIT) return this.#malformed(line);
    this.#lines.push(text);
    return text[3] === "-" ? MORE : this.#complete();
  }

  #malformed(line: string): ReplyResult {
    this.#lines = [];
    this.#waiting = "";
    return { kind: "malformed", line };
  }

  #complete(): ReplyResult {
    const reply = { code: Number(this.#code), lines: this.#lines };
    this.#lines = [];
    const enhanced = this.#enhanced;
    return enhanced !== undefined && enhanced[0] === this.#code[0]
      ? { kind: "reply", reply: { ...reply, enhanced } }
      : { kind: "reply", reply };
  }
}

/** As an answer stands in the catalogue: "550 5.7.1", or "354" alone. */
export function answerOf({ code, enhanced }: Reply): string {
  return enhanced === undefined ? `${code}` : `${code} ${enhanced}`;
}
