/** Lists of tags, "v=DMARC1; p=none": the one grammar of DKIM, DMARC, MTA-STS and TLSRPT (RFC 6376 §3.2). */

/** The first of a name counts; what has no "=" is passed over. Linear. */
export function readTags(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(";")) {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (at > 0 && !tags.has(name)) tags.set(name, part.slice(at + 1).trim());
  }
  return tags;
}
