/**
 * The part of a mail that holds a report (RFC 8460 §5.3). Real senders differ in everything else: whether the whole is
 * multipart/report, whether the part has the registered type or only a file name.
 */
import PostalMime, { type Attachment } from "postal-mime";
import { Unreadable } from "./reading.ts";

/** Of all header sections together. */
const HEADER_OCTETS = 262_144;
const NESTING = 10;

/** Of the mail: each costs the library kilobytes and microseconds. The largest mail that is looked at has 14,000 in base64. */
const LINES = 20_000;

export interface ReportPart {
  readonly octets: Uint8Array;
  readonly compressed: boolean;
}

/** Throws `Unreadable`. */
export async function reportPart(mail: Uint8Array<ArrayBuffer>): Promise<ReportPart> {
  if (linesOf(mail) > LINES) throw new Unreadable(`more than ${LINES} lines`);
  const { attachments } = await PostalMime.parse(mail, {
    maxNestingDepth: NESTING,
    maxHeadersSize: HEADER_OCTETS,
    forceRfc822Attachments: true, // a report inside a forwarded mail is not one about us
  });
  for (const attachment of attachments) {
    const compressed = isCompressed(attachment);
    if (compressed !== undefined) return { octets: octetsOf(attachment), compressed };
  }
  throw new Unreadable("no part of the type application/tlsrpt+gzip or application/tlsrpt+json");
}

function linesOf(mail: Uint8Array): number {
  let lines = 1;
  for (const octet of mail) if (octet === 0x0a) lines++;
  return lines;
}

/** Undefined: it is something else. */
function isCompressed({ mimeType, filename }: Attachment): boolean | undefined {
  const name = filename?.toLowerCase() ?? "";
  switch (mimeType) {
    case "application/tlsrpt+gzip":
      return true;
    case "application/tlsrpt+json":
      return false;
    case "application/gzip":
    case "application/x-gzip":
      return name.endsWith(".json.gz") ? true : undefined;
    case "application/json":
      return name.endsWith(".json") ? false : undefined;
    case "application/octet-stream":
      if (name.endsWith(".json.gz")) return true;
      return name.endsWith(".json") ? false : undefined;
    default:
      return undefined;
  }
}

function octetsOf({ content }: Attachment): Uint8Array {
  if (typeof content === "string") return Buffer.from(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
