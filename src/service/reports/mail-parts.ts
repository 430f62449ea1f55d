/** A mail → its parts that are no text for a reader, in bounds. What is inside a message that it carries along is no part of it. */
import PostalMime, { type Attachment } from "postal-mime";
import { Unreadable } from "./unreadable.ts";

/** Of all header sections together. */
const HEADER_OCTETS = 262_144;
const NESTING = 10;

/** Of the mail: each costs the library kilobytes and microseconds. The largest mail that is looked at has 14,000 in base64. */
const LINES = 20_000;

export interface MailPart {
  /** In lower case, without parameters. */
  readonly type: string;
  /** "" where it has none. */
  readonly filename: string;
  /** Decoded. Of text as it came in lines, they end with a line feed alone. */
  readonly octets: Uint8Array;
}

/** Throws `Unreadable`. */
export async function mailParts(mail: Uint8Array<ArrayBuffer>): Promise<readonly MailPart[]> {
  if (linesOf(mail) > LINES) throw new Unreadable(`more than ${LINES} lines`);
  const { attachments } = await PostalMime.parse(mail, {
    maxNestingDepth: NESTING,
    maxHeadersSize: HEADER_OCTETS,
    forceRfc822Attachments: true, // what somebody forwards is not what he says himself
  });
  return attachments.map(partOf);
}

function linesOf(mail: Uint8Array): number {
  let lines = 1;
  for (const octet of mail) if (octet === 0x0a) lines++;
  return lines;
}

function partOf({ mimeType, filename, content }: Attachment): MailPart {
  return { type: mimeType, filename: filename ?? "", octets: octetsOf(content) };
}

function octetsOf(content: Attachment["content"]): Uint8Array {
  if (typeof content === "string") return Buffer.from(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
