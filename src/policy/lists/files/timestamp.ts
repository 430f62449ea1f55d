/**
 * `$TIMESTAMP stamp [expires]`: when the data was made and until when it is good (rbldnsd(8), "Special Entries"):
 * `2026:11:28:12:30:00`, `2026-11-28`, `20261128`; `0` or `-` for none; `+2d` for so long after it was made. In UTC.
 */
import { word, type Cursor } from "./cursor.ts";
import { readTime } from "./time-span.ts";

export interface Timestamp {
  /** Milliseconds since 1970. */
  readonly made: number | undefined;
  readonly expires: number | undefined;
}

/** Undefined where it cannot be read. */
export function readTimestamp(cursor: Cursor): Timestamp | undefined {
  const [madeText, expiresText] = [word(cursor), word(cursor)];
  if (cursor.at < cursor.text.length) return undefined;
  const made = readStamp(madeText);
  if (made === "bad") return undefined;
  if (expiresText === "") return { made: made ?? undefined, expires: undefined };
  if (!expiresText.startsWith("+")) {
    const expires = readStamp(expiresText);
    return expires === "bad"
      ? undefined
      : { made: made ?? undefined, expires: expires ?? undefined };
  }
  const seconds = readTime(expiresText.slice(1));
  if (made === null || seconds === undefined || seconds === 0) return undefined;
  return { made, expires: made + seconds * 1000 };
}

/** Of the year four digits, of all else two at most, which must be there where nothing stands between them. */
const STAMP =
  /^([0-9]{4})[:-]?([0-9]{1,2})[:-]?([0-9]{1,2})(?:[:-]?([0-9]{1,2})(?:[:-]?([0-9]{1,2})(?:[:-]?([0-9]{1,2}))?)?)?$/;

/** null: none is given. */
function readStamp(text: string): number | null | "bad" {
  if (text === "0" || text === "-") return null;
  const found = STAMP.exec(text);
  if (found === null) return "bad";
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date would take 30 February for 2 March.
  const same =
    year >= 1970 &&
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day &&
    time.getUTCHours() === hour &&
    time.getUTCMinutes() === minute &&
    time.getUTCSeconds() === second;
  return same ? time.getTime() : "bad";
}
