/**
 * When a deferred recipient is tried again, and until when: RFC 5321 §4.5.4.1. Pure: the time and the chance are given.
 */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Schedule {
  /** From the end of an attempt to the next, milliseconds; the last one goes on. At least one. */
  readonly retryMs: readonly number[];
  /** A wait becomes longer by up to this part of it, so that what failed together does not come back together. */
  readonly jitter: number;
  /** How long a recipient is tried, from the acceptance on, milliseconds. */
  readonly lifetimeMs: number;
  /** How old mail of our own users is when they are told that it is late, milliseconds. */
  readonly delayReportMs: number;
}

/** Soon again, for most of what is deferred is so for minutes; then as seldom as a server that is down deserves. */
export const SCHEDULE: Schedule = {
  retryMs: [
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    HOUR_MS,
    2 * HOUR_MS,
    4 * HOUR_MS,
  ],
  jitter: 0.1,
  lifetimeMs: 5 * DAY_MS,
  delayReportMs: 4 * HOUR_MS,
};

/** When its time is over: there is one last attempt then. */
export function expiryOf(acceptedAt: number, { lifetimeMs }: Schedule): number {
  return acceptedAt + lifetimeMs;
}

/** The time of the next attempt, before the expiry; `attempts` have ended before this one, `chance` is in [0, 1). */
export function nextAttempt(
  schedule: Schedule,
  attempts: number,
  now: number,
  chance: number,
): number {
  const { retryMs, jitter } = schedule;
  const wait = retryMs[Math.min(attempts, retryMs.length - 1)];
  if (wait === undefined) throw new RangeError("a schedule without a first wait");
  return now + Math.ceil(wait * (1 + jitter * chance));
}
