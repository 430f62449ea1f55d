/** UTF-8 as names and passwords are sent in it (RFC 3629): one wrong octet and it is not UTF-8. */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text, or undefined when the octets are not UTF-8. */
export function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // how TextDecoder says so
    throw error;
  }
}
