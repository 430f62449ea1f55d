/**
 * What a message that a user of ours hands in still needs (RFC 6409 §8): Date and Message-ID, where it has none. And what
 * it must not keep: Bcc, whose readers are in the envelope and nobody else's business (RFC 5322 §3.6.3). All else stays as
 * it came, octet for octet; the new fields stand on top of it, in the head.
 */
import {
  countFields,
  dateTime,
  findFields,
  withoutPlaces,
  type MessageId,
} from "../../mail/index.ts";

export interface MissingFields {
  readonly date: boolean;
  readonly messageId: boolean;
}

export function missingFields(section: Uint8Array): MissingFields {
  return {
    date: countFields(section, "Date") === 0,
    messageId: countFields(section, "Message-ID") === 0,
  };
}

/** `at` is milliseconds since 1970. As octets, ready to stand between our trace fields and the content. */
export function completingFields(
  missing: MissingFields,
  { id, hostname, at }: { readonly id: MessageId; readonly hostname: string; readonly at: number },
): Uint8Array {
  const date = missing.date ? `Date: ${dateTime(at)}\r\n` : "";
  const messageId = missing.messageId ? `Message-ID: ${ownMessageId(id, hostname)}\r\n` : "";
  return Buffer.from(date + messageId);
}

/** Of a message that has none. */
export function ownMessageId(id: MessageId, hostname: string): string {
  return `<${id}@${hostname}>`;
}

/** The content without its blind copies; it begins with the header section. */
export function withoutBlindCopies(section: Uint8Array, content: Uint8Array): Uint8Array {
  const places = [...findFields(section, "Bcc"), ...findFields(section, "Resent-Bcc")];
  return withoutPlaces(
    content,
    places.toSorted((one, other) => one.start - other.start),
  );
}
