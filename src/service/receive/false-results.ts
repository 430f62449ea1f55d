/**
 * Authentication-Results under our own name (RFC 8601 §5): nobody but this server may have written them, so what a
 * stranger's message brings is false, and a reader that trusts our name would believe it. Such fields are
 * taken off; everything else of the message stays as it came.
 */
import { findFields, parseDomain, type FieldPlace } from "../../mail/index.ts";

const FIELD = "Authentication-Results";

/** The content without them; the content itself where there are none. It begins with the header section. */
export function withoutFalseResults(
  section: Uint8Array,
  content: Uint8Array,
  hostname: string,
): Uint8Array {
  const places = findFields(section, FIELD).filter((place) => isFalse(section, place, hostname));
  if (places.length === 0) return content;
  const starts = [0, ...places.map(({ end }) => end)];
  const ends = [...places.map(({ start }) => start), content.length];
  return Buffer.concat(starts.map((start, i) => content.subarray(start, ends[i])));
}

/** A field whose author cannot be read is dropped too: another reader may read our name there. */
function isFalse(section: Uint8Array, { body, end }: FieldPlace, hostname: string): boolean {
  const id = authServId(Buffer.from(section.subarray(body, end)).toString("utf8"));
  return id === undefined || parseDomain(id.replace(/\.$/, "")) === hostname;
}

/** RFC 8601 §2.2 authserv-id: a token or a quoted string behind comments and blanks. */
function authServId(text: string): string | undefined {
  const at = afterComments(text);
  if (text[at] === '"') return /^"([^"\\]*)"/.exec(text.slice(at))?.[1];
  return /^[^\s;()"]+/.exec(text.slice(at))?.[0];
}

/** RFC 5322 §3.2.2 CFWS: comments nest, and a backslash takes the next character's meaning. */
function afterComments(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "(") depth++;
    else if (depth > 0 && char === ")") depth--;
    else if (depth > 0 && char === "\\") i++;
    else if (depth === 0 && !/\s/.test(char)) return i;
  }
  return text.length;
}
