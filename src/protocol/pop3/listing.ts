/**
 * LIST and UIDL of a whole maildrop (RFC 1939 §5, §7), in portions: a hundred thousand lines are never one
 * text in memory, and the next portion is made only when the wire has taken the last one.
 */
import type { OpenMaildrop } from "./open-maildrop.ts";
import { END_MARK, OK } from "./replies.ts";

/** Lines in one portion: about 16 KiB. */
export const LISTING_LINES = 500;

export function scanListing(maildrop: OpenMaildrop): Generator<string> {
  return portions(maildrop, OK.scanListing(maildrop.count, maildrop.octets), "octets");
}

export function uniqueIdListing(maildrop: OpenMaildrop): Generator<string> {
  return portions(maildrop, OK.uniqueIds, "uid");
}

function* portions(
  maildrop: OpenMaildrop,
  first: string,
  shown: "octets" | "uid",
): Generator<string> {
  let portion = first;
  let lines = 0;
  for (const [number, message] of maildrop.numbered()) {
    portion += `${number} ${message[shown]}\r\n`;
    if (++lines % LISTING_LINES !== 0) continue;
    yield portion;
    portion = "";
  }
  yield portion + END_MARK;
}
