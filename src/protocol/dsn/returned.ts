/**
 * What comes back of the message itself: its header section, or all of it as it was. The whole message is never in
 * memory: this says how its part begins, and the octets are put behind that by whoever sends the report.
 */
import { findFields } from "../../mail/index.ts";
import { latin1, octetsOf } from "../dialogue/index.ts";
import { decodeUtf8 } from "../sasl/index.ts";
import { plainWords } from "./lines.ts";
import type { OriginalMessage, Report } from "./report.ts";

/** RFC 3461 §4.3: everything only on request, and only with the news of a failure. */
export function returnsWhole({ original, recipients }: Report): boolean {
  return original.returned === "FULL" && recipients.some(({ action }) => action === "failed");
}

/** RFC 6532: UTF-8 beyond ASCII stands in the header section, and the sender said so. */
export function isInternational({ smtputf8, headerSection }: OriginalMessage): boolean {
  return smtputf8 && !isSevenBit(headerSection) && decodeUtf8(headerSection) !== undefined;
}

/** Whether the part has octets beyond ASCII; a whole message is not in our hands, so it has to be said. */
export function isEightBit(original: OriginalMessage, whole: boolean): boolean {
  return !isSevenBit(original.headerSection) || (whole && original.body === "8BITMIME");
}

/** RFC 6522 §4, RFC 6533 §5. */
export function returnedType(original: OriginalMessage, whole: boolean): string {
  if (isInternational(original)) return whole ? "message/global" : "message/global-headers";
  return whole ? "message/rfc822" : "text/rfc822-headers";
}

/** The header section without its blank line, as it was; but a line beyond 998 octets (RFC 5322 §2.1.1) is folded. */
export function headerLines(section: Uint8Array): Uint8Array {
  const text = latin1(section);
  const blank = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n") + 2;
  const fields = blank === 1 ? text : text.slice(0, blank);
  const folded = fields.replace(TOO_LONG, (line) => line.replace(PIECE, "$&\r\n "));
  return octetsOf(folded === "" || folded.endsWith("\r\n") ? folded : `${folded}\r\n`);
}

// Both begin where they must, at a line or behind the piece before: tried from every octet they would not be linear.
const TOO_LONG = /^[^\r\n]{999,}/gm;
/** A part of such a line that is followed by more, and does not end inside a character of UTF-8. */
const PIECE = /[^]{900}[\x80-\xbf]{0,3}(?=[^])/gy;

const SUBJECT_LIMIT = 200;

/** The message's own subject as it stands, encoded words and all, for the subject of the report. */
export function originalSubject(
  original: OriginalMessage,
  international: boolean,
): string | undefined {
  const body = firstField(original, "Subject");
  if (body === undefined) return undefined;
  const subject = plainWords(body, international, Infinity);
  if (subject.length <= SUBJECT_LIMIT) return subject === "" ? undefined : subject;
  const cut = subject.slice(0, SUBJECT_LIMIT);
  // Half an encoded word would be shown as it stands.
  const kept = cut.includes("=?") ? cut.slice(0, Math.max(0, cut.lastIndexOf(" "))) : cut;
  return `${kept.trimEnd()} ...`.trimStart();
}

/** So that the reader's program shows the report beside the message that it is about. */
export function originalMessageId(original: OriginalMessage): string | undefined {
  const id = firstField(original, "Message-ID")?.trim();
  return id !== undefined && /^<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>$/.test(id) ? id : undefined;
}

/** The field's body, unfolded; octets that are no UTF-8 as one character each. */
function firstField({ headerSection }: OriginalMessage, name: string): string | undefined {
  const place = findFields(headerSection, name)[0];
  if (place === undefined) return undefined;
  const octets = headerSection.subarray(place.body, place.end);
  return (decodeUtf8(octets) ?? latin1(octets)).replace(/[\r\n]/g, "").replace(/\t/g, " ");
}

function isSevenBit(octets: Uint8Array): boolean {
  return octets.every((octet) => octet < 128);
}
