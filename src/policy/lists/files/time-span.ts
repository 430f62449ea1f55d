/** Spans of time as zones have them: seconds, or a number and one of s, m, h, d, w (rbldnsd(8), option -t). */

const SECONDS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

/** RFC 2181 §8: the largest TTL there is; for other spans as good a limit. */
const MOST = 2 ** 31 - 1;

/** In seconds; undefined where it is none. */
export function readTime(text: string): number | undefined {
  const found = /^([0-9]{1,10})([smhdw]?)$/i.exec(text);
  const unit = SECONDS.get(found?.[2]?.toLowerCase() ?? "none");
  if (found?.[1] === undefined || unit === undefined) return undefined;
  const seconds = Number(found[1]) * unit;
  return seconds <= MOST ? seconds : undefined;
}
