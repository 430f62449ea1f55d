/** A certificate named by its fingerprint, as an operator or a user writes it: `sha256:` and the digits, colons between octets or none. */

const WRITTEN = /^sha256:(?:[0-9a-fA-F]{2}:?){32}$/;

/** What is expected, for people. */
export const PIN_EXPECTED = "expected sha256: and 64 hexadecimal digits";

/** 64 digits in lower case; undefined for anything else. */
export function parsePin(text: string): string | undefined {
  if (!WRITTEN.test(text)) return undefined;
  return text.slice("sha256:".length).replaceAll(":", "").toLowerCase();
}
