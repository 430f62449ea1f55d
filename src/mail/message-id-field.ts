/** The Message-ID that a message brings along (RFC 5322 §3.6.4), as the journal finds the message by it. */
import { findFields } from "./header.ts";

/** Octets of a Message-ID; a longer one is none to search for. */
export const MESSAGE_ID_OCTETS = 255;

/** With its angle brackets; undefined where there is none, and where it is not of a form that one could ask for. */
export function messageIdField(section: Uint8Array): string | undefined {
  const [place] = findFields(section, "Message-ID");
  if (place === undefined || place.end - place.body > 2 * MESSAGE_ID_OCTETS) return undefined;
  const text = Buffer.from(section.subarray(place.body, place.end)).toString("latin1").trim();
  return isMessageId(text) ? text : undefined;
}

/** `<left@right>` of printable ASCII without blanks. */
export function isMessageId(text: string): boolean {
  return text.length <= MESSAGE_ID_OCTETS && /^<[!-;=?-~]+@[!-;=?-~]+>$/.test(text);
}
