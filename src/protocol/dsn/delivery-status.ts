/** The part of a report that programs read: message/delivery-status (RFC 3464), or its form in UTF-8 (RFC 6533 §4). */
import {
  dateTime,
  formatAddress,
  formatHost,
  formatStatus,
  parseIp,
  printable,
  type OriginalRecipient,
  type Status,
} from "../../mail/index.ts";
import { field, plainWords } from "./lines.ts";
import { ORIGINAL_RECIPIENT_LIMIT, originalRecipientOf } from "./parameters.ts";
import {
  isSuccess,
  type Attempt,
  type OriginalMessage,
  type Report,
  type ReportedRecipient,
} from "./report.ts";
import { encodeUtf8Address } from "./utf8-address.ts";

/** Characters of a remote server's reply that are repeated. */
export const REMOTE_WORDS_LIMIT = 2000;
const HOST_LIMIT = 255;

/** Groups of fields, a blank line after each: the message's, then one for each recipient. */
export function deliveryStatus(report: Report, international: boolean): string {
  const groups = [
    messageFields(report.original, report.hostname),
    ...report.recipients.map((recipient) => recipientFields(recipient, international)),
  ];
  return groups.join("\r\n");
}

/** RFC 3464 §2.2. */
function messageFields(original: OriginalMessage, hostname: string): string {
  const { envelopeId, arrivedAt, id } = original;
  return (
    (envelopeId === undefined ? "" : field("Original-Envelope-Id", plain(envelopeId))) +
    field("Reporting-MTA", `dns; ${hostname}`) +
    field("Arrival-Date", dateTime(arrivedAt)) +
    field("X-Gatepost-Id", id)
  );
}

/** RFC 3464 §2.3, in its order. */
function recipientFields(recipient: ReportedRecipient, international: boolean): string {
  const { originalRecipient, finalRecipient, action, status, retryUntil } = recipient;
  const final = originalRecipientOf(formatAddress(finalRecipient));
  const address = (value: OriginalRecipient): string => typedAddress(value, international);
  return (
    (originalRecipient === undefined
      ? ""
      : field("Original-Recipient", address(originalRecipient))) +
    field("Final-Recipient", address(final)) +
    field("Action", action) +
    field("Status", status.enhanced) +
    attemptFields(recipient, international) +
    (action === "delayed" && retryUntil !== undefined
      ? field("Will-Retry-Until", dateTime(retryUntil))
      : "")
  );
}

function attemptFields(
  { action, status, lastAttempt }: ReportedRecipient,
  international: boolean,
): string {
  const remote = lastAttempt?.remote;
  const words = remoteWords(lastAttempt, international);
  const diagnosis =
    words.length > 0 ? `smtp; ${words.join(" ")}` : ownDiagnosis(lastAttempt?.status ?? status);
  return (
    (remote === undefined ? "" : field("Remote-MTA", `dns; ${mtaName(remote.host)}`)) +
    (isSuccess(action) && words.length === 0 ? "" : field("Diagnostic-Code", diagnosis)) +
    (lastAttempt === undefined ? "" : field("Last-Attempt-Date", dateTime(lastAttempt.at)))
  );
}

/** RFC 3464 §2.3.6: "smtp" is for what a server said on the wire; what we found ourselves has a type of our own. */
function ownDiagnosis(status: Status): string {
  return `x-gatepost; ${plain(formatStatus(status))}`;
}

/** The remote server's reply for people and programs to read, line by line; none where it said nothing. */
export function remoteWords(attempt: Attempt | undefined, international: boolean): string[] {
  const lines: string[] = [];
  let left = REMOTE_WORDS_LIMIT;
  for (const line of attempt?.remote?.words ?? []) {
    const safe = plainWords(line, international, left);
    if (safe.length === left) return [...lines, `${safe} [cut]`];
    left -= safe.length;
    if (safe !== "") lines.push(safe);
  }
  return lines;
}

/** A server's name, perhaps with its address behind it, or its address; an address in brackets, as RFC 5321 writes it among names. */
export function hostName(host: string): string {
  const ip = parseIp(host);
  return ip === undefined
    ? plainWords(host, false, HOST_LIMIT) || "unknown"
    : formatHost({ kind: "literal", ip });
}

/** RFC 3464 §2.1.2: one name; the address behind it is for people. */
function mtaName(host: string): string {
  return hostName(host.replace(/ \[[^\]]*\]$/, ""));
}

/** RFC 6533 §3: beyond ASCII the type is "utf-8", in letters where UTF-8 can stand and escaped elsewhere. */
function typedAddress({ type, address }: OriginalRecipient, international: boolean): string {
  if (type !== "utf-8") return `${plain(type)}; ${plain(address)}`;
  if (!international) return `utf-8; ${encodeUtf8Address(address)}`;
  return `utf-8; ${address.replace(CONTROLS, "?").slice(0, ORIGINAL_RECIPIENT_LIMIT)}`;
}

/** The grammars of these values let nothing else in than is left here; so no line can end, whoever made them. */
function plain(text: string): string {
  return printable(text).slice(0, ORIGINAL_RECIPIENT_LIMIT);
}

const CONTROLS = /[\p{Cc}\p{Cs}]/gu;
