/**
 * Addresses of the type "utf-8" (RFC 6533 §3). Three forms: as it is, for places that carry UTF-8; unitext, where
 * blanks, "+", "=" and "\" are escaped; xtext, where everything beyond ASCII is escaped too. An escape is \x{hex}.
 */

/** Reads xtext, and unitext where `international` allows octets beyond ASCII; undefined when it is neither. */
export function decodeUtf8Address(encoded: string, international: boolean): string | undefined {
  const grammar = international ? UNITEXT : XTEXT;
  if (!grammar.test(encoded)) return undefined;
  const address = encoded.replace(/\\x\{([0-9A-F]+)\}/g, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 16)),
  );
  return FORBIDDEN.test(address) ? undefined : address;
}

/** xtext: safe wherever ASCII is. */
export function encodeUtf8Address(address: string): string {
  return address.replace(ESCAPED_IN_XTEXT, (char) => {
    const digits = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `\\x{${digits.padStart(2, "0")}}`;
  });
}

// One way to write each character: no leading zeros, no escape of ASCII but of the four that need one, no surrogates.
const ESCAPE = [
  "\\\\x\\{(?:20|2B|3D|5C",
  "[89A-F][0-9A-F]",
  "[1-9A-F][0-9A-F]{2}",
  "[1-9A-CEF][0-9A-F]{3}",
  "D[0-7][0-9A-F]{2}",
  "[1-9A-F][0-9A-F]{4}",
  "10[0-9A-F]{4})\\}",
].join("|");
const QCHAR = "\\x21-\\x2a\\x2c-\\x3c\\x3e-\\x5b\\x5d-\\x7e";
const XTEXT = new RegExp(`^(?:[${QCHAR}]|${ESCAPE})+$`);
const UNITEXT = new RegExp(`^(?:[${QCHAR}\\u0080-\\u{10ffff}]|${ESCAPE})+$`, "u");
const ESCAPED_IN_XTEXT = /[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu;

/** Controls (a terminal obeys U+0080 to U+009F too) and halves of characters. */
const FORBIDDEN = /[\p{Cc}\p{Cs}]/u;
