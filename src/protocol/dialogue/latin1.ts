/** Octets as characters U+0000 to U+00FF and back: what the engines say is text of this kind. */

/** In pieces that fit on the stack. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096)
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

export function octetsOf(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  putOctets(text, octets, 0);
  return octets;
}

/** Writes the text into `octets`, from `at` on. */
export function putOctets(text: string, octets: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) octets[at + i] = text.charCodeAt(i);
}
