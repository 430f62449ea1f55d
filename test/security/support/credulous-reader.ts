/**
 * A reader of stored mail that believes as much as any: it unfolds, decodes, drops comments and quotes and cares for no
 * case. What this one does not take for ours, no reader does.
 */
import { domainToUnicode } from "node:url";

export interface ReadField {
  readonly name: string;
  readonly body: string;
}

/** The header section's fields, unfolded, up to the first line without anything. */
export function fieldsOf(message: string): ReadField[] {
  const end = message.indexOf("\r\n\r\n");
  const section = end < 0 ? message : message.slice(0, end);
  return section
    .replaceAll(/\r\n(?=[ \t])/g, "")
    .split("\r\n")
    .map((line) => {
      const colon = line.indexOf(":");
      return { name: line.slice(0, colon).trim().toLowerCase(), body: line.slice(colon + 1) };
    });
}

/** All bodies of the fields of this name, from the top. */
export function bodiesOf(message: string, name: string): string[] {
  return fieldsOf(message).flatMap((field) => (field.name === name ? [field.body] : []));
}

/** Who wrote these results, by the most willing reading: what stands before the results. */
export function authorOf(results: string): string {
  const [author = ""] = withoutComments(decodedWords(utf8(results))).split(";");
  const name = author
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\s[0-9]+\s*$/, ""); // without a version
  const plain = name.replaceAll(/["\\\s]/g, "");
  return domainToUnicode(plain.replace(/\.+$/, "")) || plain;
}

/** Octets as characters, read as what they mean. */
function utf8(octets: string): string {
  return Buffer.from(octets, "latin1").toString("utf8");
}

function decodedWords(text: string): string {
  return text.replaceAll(/=\?[^?]*\?[Qq]\?([^?]*)\?=/g, "$1");
}

/** Innermost first, until there is none. */
function withoutComments(text: string): string {
  const shorter = text.replaceAll(/\((?:\\.|[^()\\])*\)/g, " ");
  return shorter === text ? text : withoutComments(shorter);
}
