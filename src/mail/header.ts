/**
 * The header section of a message (RFC 5322 §2.2), as far as a server on the way needs it: where it ends
 * and how often a field occurs. Values are never decoded or parsed here.
 */

const CR = 13;
const LF = 10;
const COLON = 58;
const SPACE = 32;
const TAB = 9;

/**
 * Index just after the blank line that ends the header section; -1 while it has not been seen. Lines end
 * with CRLF, as the framing guarantees. `from` resumes a scan: pass the previous length.
 */
export function headerSectionEnd(bytes: Uint8Array, from = 0): number {
  if (from <= 2 && bytes[0] === CR && bytes[1] === LF) return 2;
  for (let i = Math.max(3, from); i < bytes.length; i++) {
    const blankLine =
      bytes[i] === LF && bytes[i - 1] === CR && bytes[i - 2] === LF && bytes[i - 3] === CR;
    if (blankLine) return i + 1;
  }
  return -1;
}

/** How many fields have this name (ASCII, any case); folded lines count once. */
export function countFields(header: Uint8Array, name: string): number {
  const wanted = name.toLowerCase();
  let count = 0;
  for (let start = 0; start < header.length; start = nextLine(header, start))
    if (fieldNameIs(header, start, wanted)) count++;
  return count;
}

/** Where a field stands in a header section, the CRLF of its last line included; `body` is the index after the colon. */
export interface FieldPlace {
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** The places of all fields with this name (ASCII, any case), folded lines with them. */
export function findFields(header: Uint8Array, name: string): FieldPlace[] {
  const wanted = name.toLowerCase();
  const found: FieldPlace[] = [];
  for (let start = 0; start < header.length; start = nextLine(header, start)) {
    if (!fieldNameIs(header, start, wanted)) continue;
    let end = nextLine(header, start);
    while (header[end] === SPACE || header[end] === TAB) end = nextLine(header, end);
    found.push({ start, body: header.indexOf(COLON, start) + 1, end });
  }
  return found;
}

/** The content without these places of its header section, which stand in order; itself where there are none. */
export function withoutPlaces(content: Uint8Array, places: readonly FieldPlace[]): Uint8Array {
  if (places.length === 0) return content;
  const starts = [0, ...places.map(({ end }) => end)];
  const ends = [...places.map(({ start }) => start), content.length];
  return Buffer.concat(starts.map((start, i) => content.subarray(start, ends[i])));
}

/** A first line that begins with a blank goes on with a field that is not there. It is no header section: all of it is text. */
export function beginsFolded(section: Uint8Array): boolean {
  return section[0] === SPACE || section[0] === TAB;
}

/** A field's name goes up to the colon; old mail may have blanks before it (RFC 5322 §4.5). */
function fieldNameIs(header: Uint8Array, start: number, wanted: string): boolean {
  for (let i = 0; i < wanted.length; i++)
    if (lower(header[start + i] ?? 0) !== wanted.charCodeAt(i)) return false;
  let at = start + wanted.length;
  while (header[at] === SPACE || header[at] === TAB) at++;
  return header[at] === COLON;
}

function nextLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end + 1;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}
