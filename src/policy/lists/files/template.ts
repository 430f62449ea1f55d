/**
 * Texts with places in them: `$` is who is listed, `$0` to `$9` are the file's variables, `$=` in a base template the entry's own
 * text, `$$` a dollar sign. As rbldnsd fills them (rbldnsd(8), "Resulting A values and TXT templates").
 */
import type { Substitutions } from "./snapshot.ts";

/** RFC 1035 §3.3: octets of one string of a TXT record. What is longer is cut. */
const TEXT_OCTETS = 255;

/** One less where a template was filled: that is where rbldnsd cuts, and the same file is to say the same. */
const FILLED_OCTETS = 254;

/** The text of an entry about a subject; undefined where it has none. */
export function fill(
  text: string | undefined,
  subject: string,
  { variables, base }: Substitutions,
): string | undefined {
  const alone = text?.startsWith("=") === true;
  const own = alone ? text.slice(1) : text;
  const template = alone ? own : (base ?? own);
  if (template === undefined || template === "") return undefined;
  const filled = template.replaceAll(/\$([$=0-9])?/g, (all, what: string | undefined) => {
    if (what === undefined) return subject;
    if (what === "$") return "$";
    return what === "=" ? (own ?? subject) : (variables[Number(what)] ?? all);
  });
  return cut(filled, FILLED_OCTETS);
}

/** At most so many octets, and no half character. */
export function cut(text: string, most = TEXT_OCTETS): string {
  if (text.length * 3 <= most) return text;
  const octets = new TextEncoder().encode(text);
  if (octets.length <= most) return text;
  let to = most;
  while (((octets[to] ?? 0) & 0xc0) === 0x80) to--;
  return new TextDecoder().decode(octets.subarray(0, to));
}
