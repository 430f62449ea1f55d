/**
 * Lines of a report. Promises: none has more than 998 octets (RFC 5322 §2.1.1), what a stranger said is one line
 * without controls, and a field that is unfolded again is what it was.
 */
import { isAscii, printable } from "../../mail/index.ts";

/** Octets after which a line is broken at the next chance (RFC 5322 §2.1.1: 78). */
const WIDTH = 76;
/** Octets of a word that still fits on a line of its own, behind any name or indentation. */
const LONGEST_WORD = 900;
/** Characters of the pieces of a longer one: at most 800 octets of UTF-8. */
const PIECE = 200;

/** Controls, line separators, and what turns the direction of writing: none of a text, all deceive its reader. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A stranger's words for one line: controls are "?", runs of blanks one blank; no more than `limit` characters. */
export function plainWords(words: string, international: boolean, limit: number): string {
  const safe = international ? words.replace(CONTROL, "?") : printable(words);
  return safe.replace(/ +/g, " ").trim().slice(0, limit);
}

/** A header field with its CRLF, folded at blanks. */
export function field(name: string, value: string): string {
  return paragraph(value, `${name}: `, " ");
}

/** Text in lines: the first begins with `first`, the others with `rest`; the last has its CRLF too. */
export function paragraph(text: string, first: string, rest: string): string {
  const lines: string[] = [];
  let line = first;
  let width = first.length;
  let begun = false;
  for (const word of text.split(" ").flatMap(pieces)) {
    const octets = octetLength(word);
    const full = width + 1 + octets > WIDTH;
    // Never before an empty word, which is a second blank: a line of blanks alone would end a header section for some.
    if (begun && full && word !== "") {
      lines.push(line);
      line = rest;
      width = rest.length;
      begun = false;
    }
    line += begun ? ` ${word}` : word;
    width += octets + (begun ? 1 : 0);
    begun = true;
  }
  return [...lines, line, ""].join("\r\n");
}

function pieces(word: string): string[] {
  if (octetLength(word) <= LONGEST_WORD) return [word];
  const chars = Array.from(word);
  const count = Math.ceil(chars.length / PIECE);
  return Array.from({ length: count }, (_, i) => chars.slice(i * PIECE, (i + 1) * PIECE).join(""));
}

const encoder = new TextEncoder();

function octetLength(text: string): number {
  return isAscii(text) ? text.length : encoder.encode(text).length;
}
