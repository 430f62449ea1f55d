/**
 * Replies of a server, read as RFC 5321 §4.2 has them: three digits, a hyphen on every line but the last, the same code
 * throughout, CRLF. Anything else is malformed and ends the connection: who answers so may have meant another command.
 *
 * Strict on purpose, where others are not. A bare CR, a bare LF or a NUL is malformed: a server that repeats what a stranger
 * made it say ("no such user …") would else have its text read as a reply of its own, and one that does not know CRLF
 * cannot be trusted with CRLF.CRLF. Realistic in three things: text may be missing ("250"), the second digit may be
 * any (571 is widely said), and octets that are no printable ASCII may stand in the text; they are read as "?".
 */
import { printable } from "../../mail/index.ts";
import { latin1, type Input } from "../dialogue/index.ts";

export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** RFC 2034 enhanced code of the first line; absent where there is none or its class is not the code's. */
  readonly enhanced?: string;
  /** As they came, codes included, without CRLF; printable ASCII. */
  readonly lines: readonly string[];
}

export type ReplyResult =
  | { readonly kind: "reply"; readonly reply: Reply }
  /** It is not complete yet. */
  | { readonly kind: "more" }
  /** Nothing after this can be trusted. */
  | { readonly kind: "malformed"; readonly why: string };

/** Octets of a line, CRLF included (RFC 5321 §4.5.3.1.5 allows 512), and lines of a reply. */
export const REPLY_LINE_LIMIT = 2048;
export const REPLY_LINES_LIMIT = 100;

const MORE = { kind: "more" } as const;
const LINE = /^([2-5][0-9]{2})(?:$|[ -])/;
const ENHANCED = /^[0-9]{3}[ -]([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)/;

/** Takes replies from what has arrived. One for each connection. */
export class ReplyReader {
  #lines: string[] = [];

  next(input: Input): ReplyResult {
    for (;;) {
      const line = input.takeLine(REPLY_LINE_LIMIT);
      switch (line.kind) {
        case "more":
          return MORE;
        case "fault":
          return malformed(line.fault);
        case "too-long":
          return malformed(`a line of more than ${REPLY_LINE_LIMIT} octets`);
        case "line": {
          const result = this.#line(printable(latin1(line.bytes)));
          if (result.kind !== "more") return result;
        }
      }
    }
  }

  #line(line: string): ReplyResult {
    const code = LINE.exec(line)?.[1];
    const [first = line] = this.#lines;
    if (code === undefined) return malformed(`"${line.slice(0, 80)}"`);
    if (!first.startsWith(code))
      return malformed(`${code} in a reply that began with ${first.slice(0, 3)}`);
    if (this.#lines.length === REPLY_LINES_LIMIT)
      return malformed(`more than ${REPLY_LINES_LIMIT} lines`);
    this.#lines.push(line);
    return line[3] === "-" ? MORE : this.#complete(code, first);
  }

  #complete(code: string, first: string): ReplyResult {
    const lines = this.#lines;
    this.#lines = [];
    const enhanced = ENHANCED.exec(first)?.[1];
    const reply = { code: Number(code), lines };
    return enhanced !== undefined && enhanced[0] === code[0]
      ? { kind: "reply", reply: { ...reply, enhanced } }
      : { kind: "reply", reply };
  }
}

function malformed(why: string): ReplyResult {
  return { kind: "malformed", why };
}

/** What it says, without codes, in one line; "" when it says nothing. */
export function textOf({ lines, enhanced }: Reply): string {
  const texts = lines.map((line) => {
    const code = enhanced === undefined ? undefined : ENHANCED.exec(line)?.[1];
    return line.slice(code === undefined ? 4 : 4 + code.length).trim();
  });
  return texts.filter((text) => text !== "").join(" ");
}

/** Yes, wait, not now, never: the first digit (RFC 5321 §4.2.1). */
export function classOf({ code }: Reply): 2 | 3 | 4 | 5 {
  return code < 300 ? 2 : code < 400 ? 3 : code < 500 ? 4 : 5;
}
