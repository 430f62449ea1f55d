/**
 * What an entry answers: a code, and perhaps a text. `:127.0.0.3:text`, `:3:text`, `:3` (the text of those before it), `:3:`
 * (none), `text` (with the code of those before it). As rbldnsd reads them (rbldnsd(8), "Resulting A values and TXT templates").
 */
import { readPrefix4 } from "./address4.ts";
import { atEnd, rest, skip, skipBlanks, type Cursor } from "./cursor.ts";

export interface Value {
  /** An IPv4 address as a number. */
  readonly code: number;
  readonly text: string | undefined;
}

/** RFC 5782 §2.1: what lists answer that have nothing more to say. */
export const PLAIN_VALUE: Value = { code: 0x7f00_0002, text: undefined };

/** What stands behind an entry; `otherwise` where nothing does. The reason where it cannot be read. */
export function readValue(cursor: Cursor, otherwise: Value): Value | string {
  skipBlanks(cursor);
  const next = cursor.text[cursor.at];
  if (next === undefined || next === "#" || next === ";") return otherwise;
  if (next === ":") return readColons(cursor, otherwise);
  return { code: otherwise.code, text: rest(cursor) };
}

/** From a colon on. */
export function readColons(cursor: Cursor, otherwise: Value): Value | string {
  if (!skip(cursor, ":")) return "expected a colon";
  const code = readCode(cursor);
  if (code === undefined) return "expected a code between the colons, such as :127.0.0.2: or :2:";
  skipBlanks(cursor);
  if (atEnd(cursor)) return { code, text: otherwise.text };
  if (!skip(cursor, ":")) return "expected a colon behind the code, and then the text";
  skipBlanks(cursor);
  return { code, text: atEnd(cursor) ? undefined : rest(cursor) };
}

/** One number is the last octet behind 127.0.0; of two or three the last one is the last octet, as in old forms of addresses. */
function readCode(cursor: Cursor): number | undefined {
  const prefix = readPrefix4(cursor);
  if (prefix === undefined) return undefined;
  const code = readAsOldForm(prefix.address, prefix.bits);
  if (code === 0) return undefined;
  return prefix.bits === 8 ? 0x7f00_0000 + code : code;
}

/** inet_aton(3): 127.1 is 127.0.0.1. */
export function readAsOldForm(address: number, bits: number): number {
  if (bits === 32) return address;
  const unit = 2 ** (32 - bits);
  const last = (address / unit) % 256;
  return address - last * unit + last;
}
