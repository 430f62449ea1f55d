/**
 * Header fields as DKIM's "relaxed" has them (RFC 6376 §3.4.2), in the order in which a signature's `h=` names them: of fields
 * with one name the lowest comes first, and a name more often than there are fields stands for nothing (§5.4.2). Octets are
 * never decoded.
 */
import { findFields, type FieldPlace } from "../../mail/index.ts";

export interface NamedFields {
  readonly name: string;
  /** From top to bottom. */
  readonly places: readonly FieldPlace[];
}

export function fieldsNamed(section: Uint8Array, names: readonly string[]): readonly NamedFields[] {
  return names.map((name) => ({ name, places: findFields(section, name) }));
}

/** What is hashed of them. */
export function relaxedFields(section: Uint8Array, fields: readonly NamedFields[]): string {
  return fields
    .flatMap(({ name, places }) =>
      places.toReversed().map(({ body, end }) => {
        const value = Buffer.from(section.subarray(body, end)).toString("latin1");
        return `${relaxedField(name, value)}\r\n`;
      }),
    )
    .join("");
}

/** One octet a character; without a line end. */
export function relaxedField(name: string, value: string): string {
  const line = value.replaceAll("\r\n", "").replaceAll(/[ \t]+/g, " ");
  const from = line.startsWith(" ") ? 1 : 0;
  const end = line.length > from && line.endsWith(" ") ? -1 : undefined;
  return `${name.toLowerCase()}:${line.slice(from, end)}`;
}
