/** A place in a line. Who reads moves it over what he has read; whoever fails leaves it where he likes. */

export interface Cursor {
  readonly text: string;
  at: number;
}

export function cursorOn(text: string): Cursor {
  return { text, at: 0 };
}

/** Moves over one character, if it is there. */
export function skip(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

export function skipBlanks(cursor: Cursor): void {
  while (cursor.text[cursor.at] === " " || cursor.text[cursor.at] === "\t") cursor.at++;
}

export function atEnd({ text, at }: Cursor): boolean {
  return at >= text.length;
}

/** What has not been read. */
export function rest({ text, at }: Cursor): string {
  return text.slice(at);
}

/** Up to a blank or the end; moves over the blanks behind it too. */
export function word(cursor: Cursor): string {
  const from = cursor.at;
  let to = from;
  while (to < cursor.text.length && cursor.text[to] !== " " && cursor.text[to] !== "\t") to++;
  cursor.at = to;
  skipBlanks(cursor);
  return cursor.text.slice(from, to);
}

/** A whole number without a sign, zeros in front allowed, up to `most`; undefined for none or a larger one. */
export function number(cursor: Cursor, most: number): number | undefined {
  const from = cursor.at;
  let value = 0;
  for (;;) {
    const digit = cursor.text.charCodeAt(cursor.at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) break; // NaN at the end
    value = value * 10 + digit;
    if (value > most) return undefined;
    cursor.at++;
  }
  return cursor.at === from ? undefined : value;
}
