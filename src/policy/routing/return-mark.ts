/**
 * The keyed and dated mark in a return address (srs.ts). Promises: it survives a change of case, because local parts are
 * folded on their way; the day it was made is under the key, whole, so a mark does not become valid again when the two
 * letters of its day come round after 1024 days; it is compared in constant time.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { foldAscii } from "../../mail/index.ts";

/** Days (UTC) since 1970-01-01. */
export type Day = number;

/**
 * Days a mark is good for: five that the forwarded message may wait here, five at the next host, five that the report may
 * wait on its way back, and some for clocks and mailing lists.
 */
export const RETURN_DAYS = 21;

/** 40 bits: a guess costs a session a command, and what it opens is one address for a few days. */
export const MARK_OCTETS = 5;

/** Days told apart by two letters. */
const DAYS_TOLD = 1024;

/** A clock that is set back must not make yesterday's addresses forged. */
const DAYS_AHEAD = 1;

const MS_PER_DAY = 86_400_000;

/** RFC 4648 §6, in lower case: none of it changes its meaning with its case. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** Of milliseconds since 1970. */
export function dayOf(now: number): Day {
  return Math.floor(now / MS_PER_DAY);
}

/** The key of return addresses, from the secret of a store. */
export function returnKey(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", "gatepost return address", 32));
}

/** Two letters that name the day. */
export function stampOf(day: Day): string {
  const told = day % DAYS_TOLD;
  return letter(told >> 5) + letter(told & 31);
}

/** The latest day that the stamp can mean; undefined when it is none. */
export function dayOfStamp(stamp: string, today: Day): Day | undefined {
  if (!/^[a-z2-7]{2}$/i.test(stamp)) return undefined;
  const [high = "", low = ""] = foldAscii(stamp);
  const told = LETTERS.indexOf(high) * 32 + LETTERS.indexOf(low);
  const latest = today + DAYS_AHEAD;
  return latest - ((latest + DAYS_TOLD - told) % DAYS_TOLD);
}

/** The mark of these parts, whose order and bounds count; their case does not. */
export function markOf(parts: readonly string[], day: Day, key: Uint8Array): string {
  const text = JSON.stringify([day, ...parts.map(foldAscii)]);
  return lettersOf(createHmac("sha256", key).update(text).digest().subarray(0, MARK_OCTETS));
}

/** The mark is one of these keys'. All of them are tried, whichever fits. */
export function isMarkOf(
  mark: string,
  parts: readonly string[],
  day: Day,
  keys: readonly Uint8Array[],
): boolean {
  const given = Buffer.from(foldAscii(mark));
  const fitting = keys.filter((key) => {
    const right = Buffer.from(markOf(parts, day, key));
    return given.length === right.length && timingSafeEqual(given, right);
  });
  return fitting.length > 0;
}

/** Octets in letters, five bits each; a multiple of five octets. */
function lettersOf(octets: Uint8Array): string {
  let letters = "";
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    for (bits += 8; bits >= 5;) {
      bits -= 5;
      letters += letter((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return letters;
}

function letter(value: number): string {
  return LETTERS.charAt(value);
}
