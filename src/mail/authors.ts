/**
 * Who a header section says has written and sent the message: From and Sender (RFC 5322 §3.6.2), and those of who sent it
 * again (§3.6.6). What two readers could read in two ways is unreadable.
 */
import { addressListFaultText, parseAddressList } from "./address-list.ts";
import type { Address } from "./address.ts";
import { beginsFolded, findFields, type FieldPlace } from "./header.ts";

/** The fields that name somebody as the one who speaks. Reply-To and the rest only ask for something. */
const AUTHOR_FIELDS = ["From", "Sender", "Resent-From", "Resent-Sender"] as const;

export type AuthorField = (typeof AUTHOR_FIELDS)[number];

export interface Author {
  readonly field: AuthorField;
  readonly address: Address;
}

export type Authors =
  /** At least one of them is the From field's. */
  | { readonly kind: "read"; readonly authors: readonly Author[] }
  /** `why` is for a person: "there is no From field". */
  | { readonly kind: "unreadable"; readonly field: AuthorField; readonly why: string };

/** Authors of one message, over all fields. */
export const AUTHOR_LIMIT = 100;

export function readAuthors(section: Uint8Array): Authors {
  const authors: Author[] = [];
  for (const field of AUTHOR_FIELDS) {
    const places = beginsFolded(section) ? [] : findFields(section, field);
    const why = countFault(field, places.length) ?? readField(section, field, places, authors);
    if (why !== undefined) return { kind: "unreadable", field, why };
  }
  return { kind: "read", authors };
}

/** What the section has too few or too many of. A message may have been sent again several times. */
function countFault(field: AuthorField, count: number): string | undefined {
  switch (field) {
    case "From":
      if (count === 0) return "there is no From field";
      return count === 1 ? undefined : `there are ${count} From fields`;
    case "Sender":
      return count <= 1 ? undefined : `there are ${count} Sender fields`;
    case "Resent-From":
    case "Resent-Sender":
      return undefined;
  }
}

/** Adds the authors of these fields; why it cannot, where one of them is not to be read. */
function readField(
  section: Uint8Array,
  field: AuthorField,
  places: readonly FieldPlace[],
  authors: Author[],
): string | undefined {
  for (const { start, body, end } of places) {
    // Blanks before the colon (RFC 5322 §4.5.8): for some readers that is no field.
    if (body - start !== field.length + 1) return `the ${field} field has blanks before its colon`;
    const addresses = parseAddressList(section.subarray(body, end));
    if (typeof addresses === "string")
      return `the ${field} field cannot be read: ${addressListFaultText(addresses)}`;
    if (field.endsWith("Sender") && addresses.length > 1)
      return `the ${field} field has ${addresses.length} addresses`;
    if (authors.length + addresses.length > AUTHOR_LIMIT)
      return `more than ${AUTHOR_LIMIT} addresses are named as authors`;
    for (const address of addresses) authors.push({ field, address });
  }
  return undefined;
}
