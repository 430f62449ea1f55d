/**
 * The part of a mail that holds a report about TLS (RFC 8460 §5.3). Real senders differ in everything else: whether the whole is
 * multipart/report, whether the part has the registered type or only a file name.
 */
import type { MailPart } from "./mail-parts.ts";
import { Unreadable } from "./unreadable.ts";

export interface TlsPart {
  readonly octets: Uint8Array;
  readonly compressed: boolean;
}

/** The first one. Throws `Unreadable`. */
export function tlsPart(parts: readonly MailPart[]): TlsPart {
  for (const part of parts) {
    const compressed = isCompressed(part);
    if (compressed !== undefined) return { octets: part.octets, compressed };
  }
  throw new Unreadable("no part of the type application/tlsrpt+gzip or application/tlsrpt+json");
}

/** Undefined: it is something else. */
function isCompressed({ type, filename }: MailPart): boolean | undefined {
  const name = filename.toLowerCase();
  switch (type) {
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
