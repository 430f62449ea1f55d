/** RFC 5322 §3.3 date-time, in UTC: the one form in which we write a moment into mail. */

/** `at` is milliseconds since 1970. */
export function dateTime(at: number): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}
