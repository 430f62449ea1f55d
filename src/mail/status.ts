/**
 * What became of a command, a recipient or a message: reply code, enhanced status code, the words a
 * stranger may read, and the private reason. Everybody who answers, journals or reports carries this
 * one value unchanged; only the protocol rooms turn it into wire text.
 */

/** Who decided: a room of ours ("policy/relay", "store", "smtp"), or the remote host's exact words. */
export type StatusSource = string;

export interface Status {
  /** RFC 5321 §4.2 reply code: 2xx, 4xx or 5xx. */
  readonly code: number;
  /** RFC 3463 enhanced status code, "class.subject.detail"; the class is the code's first digit. */
  readonly enhanced: string;
  /** One printable ASCII line for the other side, without the codes. */
  readonly text: string;
  readonly source: StatusSource;
  /** For the journal only; never sent. */
  readonly reason?: string;
}

/** Longest public text, in characters: with codes and an id it stays under the 512 octets of RFC 5321 §4.5.3.1.5. */
export const STATUS_TEXT_LIMIT = 400;

const ENHANCED = /^[245]\.[0-9]{1,3}\.[0-9]{1,3}$/;

/**
 * Makes a status. Codes and text may never be empty or contradict each other: that would be our bug, so it throws.
 * Bytes a stranger sent may stand in `text`; what is not printable ASCII becomes "?".
 */
export function status(
  code: number,
  enhanced: string,
  text: string,
  source: StatusSource,
  reason?: string,
): Status {
  const sameClass = enhanced.charAt(0) === String(Math.floor(code / 100));
  if (!Number.isInteger(code) || !ENHANCED.test(enhanced) || !sameClass)
    throw new RangeError(`reply code ${code} and enhanced code ${enhanced} do not go together`);
  if (text === "") throw new RangeError("a status needs words");
  const line = printable(text).slice(0, STATUS_TEXT_LIMIT);
  return reason === undefined
    ? { code, enhanced, text: line, source }
    : { code, enhanced, text: line, source, reason };
}

/** The text with each character outside printable ASCII replaced by "?": safe in a reply and in a log line. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

export function isPositive(s: Status): boolean {
  return s.code < 300;
}

export function isTransient(s: Status): boolean {
  return s.code >= 400 && s.code < 500;
}

/** As a person reads it: "550 5.7.1 relaying denied". */
export function formatStatus(s: Status): string {
  return `${s.code} ${s.enhanced} ${s.text}`;
}
