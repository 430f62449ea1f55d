/**
 * Base64 as SASL profiles carry it on their lines (RFC 4648 §4): no blanks, no missing padding, no stray
 * bits. One text stands for one message, so nobody can slip a second spelling past a check.
 */

/** The octets, or undefined when `text` is not exactly one base64 string. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined; // blanks would be passed over
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch (error) {
    // Padding missing or too much, bits behind the last octet: the one refusal that the platform words as an exception.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
