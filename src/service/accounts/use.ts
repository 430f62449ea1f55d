/**
 * When the use of an app password or a certificate is written down: once a day, for a client that comes each minute must not cost a
 * write each time; nor where the last use is in the future, by a clock that was ahead.
 */

const DAY_MS = 86_400_000;

/** Whether there is nothing to write down at this moment, milliseconds since 1970. */
export function isUseNoted(
  { lastUsedAt = 0 }: { readonly lastUsedAt?: number },
  now: number,
): boolean {
  return Math.floor(now / DAY_MS) <= Math.floor(lastUsedAt / DAY_MS);
}
