/**
 * The parts of a mail that show what came through a relay: messages that are attached to it (RFC 2046 §5.2.1), or a feedback report in the
 * Abuse Reporting Format (RFC 5965 §2), whose second part names the host and whose third is the message, or its header section alone.
 */
import { feedbackOf } from "./feedback-report.ts";
import type { MailPart } from "./mail-parts.ts";
import { Unreadable } from "./unreadable.ts";

/** Messages attached to one mail that are looked at. */
export const SAMPLES = 20;

export interface ShownSample {
  readonly octets: Uint8Array;
  /** The host that a feedback report names, as it is written there. */
  readonly source?: string;
}

const MESSAGE = "message/rfc822";
/** RFC 6522 §4: the header section of a message. */
const HEADERS = "text/rfc822-headers";
const FEEDBACK = "message/feedback-report";

/** At least one. Throws `Unreadable`. */
export function samplesIn(parts: readonly MailPart[]): readonly ShownSample[] {
  const [feedback, second] = parts.filter(({ type }) => type === FEEDBACK);
  if (second !== undefined) throw new Unreadable("more than one part message/feedback-report");
  return feedback === undefined ? attached(parts) : [reported(feedback, parts)];
}

function attached(parts: readonly MailPart[]): readonly ShownSample[] {
  const samples = parts.filter(({ type }) => type === MESSAGE);
  if (samples.length === 0)
    throw new Unreadable("no message is attached to it (message/rfc822), and it is no feedback report (RFC 5965)"); // prettier-ignore
  if (samples.length > SAMPLES)
    throw new Unreadable(`${samples.length} messages are attached to it; ${SAMPLES} are looked at`);
  return samples.map(({ octets }) => ({ octets: wireForm(octets) }));
}

function reported(feedback: MailPart, parts: readonly MailPart[]): ShownSample {
  const { source } = feedbackOf(wireForm(feedback.octets));
  const [sample, second] = parts.filter(({ type }) => type === MESSAGE || type === HEADERS);
  if (sample === undefined || second !== undefined)
    throw new Unreadable("a feedback report with no message, or with several; expected one (RFC 5965 §2)"); // prettier-ignore
  return { octets: wireForm(sample.octets), ...(source !== undefined && { source }) };
}

const CR = 0x0d;
const LF = 0x0a;

/**
 * Lines end with CRLF, as they did on the wire: the reader of parts has put LF there, and one more behind the last line, whose CRLF is the
 * boundary's (RFC 2046 §5.1.1). What was encoded came with its own.
 */
function wireForm(octets: Uint8Array): Uint8Array {
  if (octets.some((octet, i) => octet === LF && octets[i - 1] === CR)) return octets;
  const lines = octets.at(-1) === LF ? octets.subarray(0, -1) : octets;
  return Buffer.from(Buffer.from(lines).toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}
