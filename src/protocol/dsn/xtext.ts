/**
 * xtext (RFC 3461 §4): printable ASCII in which "+", "=" and blanks are written as "+" and two hexadecimal digits, so
 * that any value can stand in a parameter of MAIL and RCPT.
 */

/** The text, which may be only printable ASCII; undefined when `encoded` is no xtext or hides anything else. */
export function decodeXtext(encoded: string): string | undefined {
  if (!/^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})*$/.test(encoded)) return undefined;
  const text = encoded.replace(/\+(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return isPrintable(text) ? text : undefined;
}

/** `text` is printable ASCII. */
export function encodeXtext(text: string): string {
  if (!isPrintable(text)) throw new RangeError("xtext is made of printable ASCII only");
  return text.replace(/[+= ]/g, (char) => `+${hex(char)}`);
}

/** Graphic characters and the blank: what RFC 3461 §4.2 and §4.4 let a sender say. */
export function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
