/**
 * A delivery status notification (RFC 3464 in RFC 6522, RFC 6533 for UTF-8) from what happened. Pure: moment, ids and
 * chance are given. Promises: the null reverse-path; CRLF everywhere; no line of ours beyond 998 octets; nothing that
 * a stranger said can end a line or a part; and no more of the original in memory than its header section.
 */
import {
  dateTime,
  formatAddress,
  isAscii,
  type Address,
  type Envelope,
  type SenderParameters,
} from "../../mail/index.ts";
import { octetsOf } from "../dialogue/index.ts";
import { deliveryStatus } from "./delivery-status.ts";
import { explanation, headline } from "./explanation.ts";
import { field, paragraph } from "./lines.ts";
import type { Report } from "./report.ts";
import {
  headerLines,
  isEightBit,
  isInternational,
  originalMessageId,
  originalSubject,
  returnedType,
  returnsWhole,
} from "./returned.ts";

export interface ReportParts {
  /** Always from the null reverse-path (RFC 5321 §4.5.5), so that nobody answers it. */
  readonly envelope: Envelope & { readonly reversePath: null };
  /** What its transport must be able to carry. */
  readonly parameters: SenderParameters;
  /** The report is `head`, this, `tail`. */
  readonly between: "nothing" | "the original message";
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** Random octets that a boundary is made of. No part can hold it but by guessing 128 bits that were thrown after it was written. */
export const BOUNDARY_ENTROPY_OCTETS = 16;

export function buildReport(report: Report): ReportParts {
  const { original } = report;
  const boundary = boundaryOf(report.entropy);
  const whole = returnsWhole(report);
  const international = isInternationalReport(report);
  const eightBitReturned = isEightBit(original, whole);
  const parts = [
    textPart(explanation(report, international)),
    statusPart(deliveryStatus(report, international), international),
    returnedPart(report, whole, eightBitReturned),
  ];
  const body = parts.map((part) => `\r\n--${boundary}\r\n${part}`).join("");
  const eightBit = international || eightBitReturned || !isAscii(body);
  const header = headerFields(report, boundary, international, eightBit);
  const head = encoder.encode(header + body);
  return {
    envelope: { reversePath: null, forwardPaths: [report.to] },
    parameters: { smtputf8: international, body: eightBit ? "8BITMIME" : "7BIT" },
    between: whole ? "the original message" : "nothing",
    head: whole ? head : joined(head, headerLines(original.headerSection)),
    tail: octetsOf(`\r\n--${boundary}--\r\n`),
  };
}

/** RFC 6533 §1: UTF-8 only for somebody who has shown that he can read it; to anybody else the same in ASCII. */
function isInternationalReport({ to, postmaster, original, recipients }: Report): boolean {
  if (!isAscii(to.local) || !isAscii(postmaster.local)) return true;
  const addresses = recipients.flatMap(({ finalRecipient, originalRecipient }) => [
    finalRecipient.local,
    originalRecipient?.address ?? "",
  ]);
  return original.smtputf8 && (isInternational(original) || !addresses.every(isAscii));
}

/** "=_" stands in no quoted-printable and no base64 (RFC 2045 §6.7). */
function boundaryOf(entropy: Uint8Array): string {
  if (entropy.length < BOUNDARY_ENTROPY_OCTETS)
    throw new RangeError(`a boundary takes ${BOUNDARY_ENTROPY_OCTETS} random octets`);
  return `=_${entropy.subarray(0, BOUNDARY_ENTROPY_OCTETS).toHex()}`;
}

function headerFields(
  report: Report,
  boundary: string,
  international: boolean,
  eightBit: boolean,
): string {
  const answered = originalMessageId(report.original);
  return (
    field("From", mailbox(`Mail server ${report.hostname}`, report.postmaster)) +
    field("To", `<${formatAddress(report.to)}>`) +
    field("Subject", subject(report, international)) +
    field("Date", dateTime(report.at)) +
    field("Message-ID", `<${report.id}@${report.hostname}>`) +
    (answered === undefined ? "" : field("In-Reply-To", answered) + field("References", answered)) +
    field("Auto-Submitted", "auto-replied") + // RFC 3834 §5
    field("MIME-Version", "1.0") +
    paragraph(
      `multipart/report; report-type=delivery-status; boundary="${boundary}"`,
      "Content-Type: ",
      "\t",
    ) +
    field("Content-Transfer-Encoding", eightBit ? "8bit" : "7bit")
  );
}

function mailbox(name: string, address: Address): string {
  return `"${name}" <${formatAddress(address)}>`;
}

/** The subject of the message behind the news, so that its sender knows which it is. */
function subject({ original, recipients }: Report, international: boolean): string {
  const about = originalSubject(original, international);
  return about === undefined ? headline(recipients) : `${headline(recipients)}: ${about}`;
}

function textPart(text: string): string {
  const ascii = isAscii(text);
  return partHeader(`text/plain; charset=${ascii ? "us-ascii" : "utf-8"}`, !ascii) + text;
}

function statusPart(groups: string, international: boolean): string {
  const type = international ? "message/global-delivery-status" : "message/delivery-status";
  return partHeader(type, !isAscii(groups)) + groups;
}

function returnedPart({ original }: Report, whole: boolean, eightBit: boolean): string {
  return partHeader(returnedType(original, whole), eightBit);
}

function partHeader(type: string, eightBit: boolean): string {
  return `${field("Content-Type", type)}${field("Content-Transfer-Encoding", eightBit ? "8bit" : "7bit")}\r\n`;
}

const encoder = new TextEncoder();

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
