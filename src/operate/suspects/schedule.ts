/** When a host is tested again: later each time that a test shows the same. */

export interface Schedule {
  /** Until the second test, in milliseconds; then twice as long each time. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** How long who comes back the second time stays clean before he leaves, in milliseconds; then twice as long each time. */
  readonly returnMs: number;
}

/** Tests of a host that is not listed and of which nothing can be found out, before it is left alone until somebody reports it again. */
export const TRIES = 5;

/** `inARow`: tests that have shown the same, at least one. */
export function backOff({ firstMs, longestMs }: Schedule, inARow: number): number {
  return Math.min(longestMs, doubled(firstMs, inARow - 1));
}

/** `times`: how often it was listed, with this one. The first time leaves at once. */
export function stayMs({ returnMs, longestMs }: Schedule, times: number): number {
  return times < 2 ? 0 : Math.min(longestMs, doubled(returnMs, times - 2));
}

function doubled(ms: number, times: number): number {
  return ms * 2 ** Math.min(times, 32); // no further: whatever it is of, it is longer than the longest
}
