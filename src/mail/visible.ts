/** What strangers wrote, made fit to be shown on a terminal. */

/** Controls that move a cursor, colour, or turn the direction of writing become "?": nobody else lays out our page. */
export function visible(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "?");
}
