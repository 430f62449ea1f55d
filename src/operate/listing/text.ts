/** Texts of a list: on one line, without controls, and short enough for one string of a TXT record. */
import { visible } from "../../mail/index.ts";

/** Octets in UTF-8. RFC 1035 §3.3 has 255 for one string; rbldnsd cuts at 254 what it has filled. */
export const TEXT_OCTETS = 250;

/** Blanks around it go; undefined where it is too long, or has controls in it. */
export function readText(text: string): string | undefined {
  const trimmed = text.trim();
  const fits = Buffer.byteLength(trimmed) <= TEXT_OCTETS && visible(trimmed) === trimmed;
  return fits && !/[\u0085\u2028\u2029\ufffd]/.test(trimmed) ? trimmed : undefined;
}
