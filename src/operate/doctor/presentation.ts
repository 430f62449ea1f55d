/** Records as a zone file has them (RFC 1035 §5.1): names with the dot at their end, text in quoted strings. */
import { ROOT, type DnsName, type RecordData } from "../../protocol/dns/index.ts";
import type { PublicationData } from "./publication.ts";

/** RFC 1035 §3.3: octets of one string. */
export const STRING_OCTETS_LIMIT = 255;

/** The data of each record, in the order of the publication. */
export function dataTexts(publication: PublicationData): readonly string[] {
  switch (publication.type) {
    case "MX":
      return publication.records.map(mxText);
    case "A":
    case "AAAA":
      return publication.records;
    case "TXT":
      return publication.records.map(quoted);
    case "TLSA":
      return publication.records.map(tlsaText);
    case "SRV":
      return publication.records.map(srvText);
    case "CNAME":
      return publication.records.map(nameText);
  }
}

export function nameText(name: DnsName): string {
  return name === ROOT ? name : `${name}.`;
}

export function mxText({ preference, exchange }: RecordData["MX"]): string {
  return `${preference} ${nameText(exchange)}`;
}

export function srvText({ priority, weight, port, target }: RecordData["SRV"]): string {
  return `${priority} ${weight} ${port} ${nameText(target)}`;
}

export function tlsaText({ usage, selector, matchingType, data }: RecordData["TLSA"]): string {
  return `${usage} ${selector} ${matchingType} ${data.toHex()}`;
}

/** One text in as many quoted strings as it needs; readers join them without a blank (RFC 7208 §3.3). */
export function quoted(text: string): string {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += STRING_OCTETS_LIMIT)
    pieces.push(text.slice(at, at + STRING_OCTETS_LIMIT));
  return (pieces.length === 0 ? [""] : pieces).map((piece) => `"${escaped(piece)}"`).join(" ");
}

/** A character is an octet; those that a zone file or a terminal would obey are written as \DDD. */
function escaped(piece: string): string {
  return piece
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll(/[^ -~]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, "0")}`);
}
