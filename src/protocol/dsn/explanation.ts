/**
 * The part of a report that a person reads: for each recipient what happened, why in words, what to do, and what the
 * other server said, word for word. The worst comes first.
 */
import {
  dateTime,
  displayDomain,
  formatAddress,
  formatHost,
  formatLocalPart,
  formatStatus,
  printable,
  type Address,
  type Status,
} from "../../mail/index.ts";
import { hostName, remoteWords } from "./delivery-status.ts";
import { paragraph, plainWords } from "./lines.ts";
import { meaningOf } from "./meanings.ts";
import { ORIGINAL_RECIPIENT_LIMIT } from "./parameters.ts";
import {
  isSuccess,
  type Action,
  type OriginalMessage,
  type Report,
  type ReportedRecipient,
} from "./report.ts";
import { returnsWhole } from "./returned.ts";

/** The text, with CRLF. */
export function explanation(report: Report, international: boolean): string {
  const recipients = worstFirst(report.recipients);
  const sections = [
    opening(report, recipients),
    ...recipients.map((recipient) => recipientSection(recipient, report.original, international)),
    closing(report),
  ];
  return sections.join("\r\n");
}

/** What the whole report tells, in a word or two for its subject: its worst news. */
export function headline(recipients: readonly ReportedRecipient[]): string {
  const actions = new Set(recipients.map(({ action }) => action));
  if (actions.has("failed")) return "Not delivered";
  if (actions.has("delayed")) return "Not delivered yet";
  return isAllDelivered(recipients) ? "Delivered" : "Handed on";
}

const ORDER: readonly Action[] = ["failed", "delayed", "delivered", "relayed", "expanded"];

function worstFirst(recipients: readonly ReportedRecipient[]): ReportedRecipient[] {
  return ORDER.flatMap((action) => recipients.filter((recipient) => recipient.action === action));
}

/** What is handed on may still fail, and nobody would say so. */
function isAllDelivered(recipients: readonly ReportedRecipient[]): boolean {
  return recipients.every(({ action }) => action === "delivered");
}

function opening({ hostname, original }: Report, recipients: readonly ReportedRecipient[]): string {
  const message = `your message of ${dateTime(original.arrivedAt)}`;
  return (
    text(news(message, recipients)) +
    text(`This report comes from the mail server ${hostname}, which took that message.`)
  );
}

function news(message: string, recipients: readonly ReportedRecipient[]): string {
  const count = (action: Action): number =>
    recipients.filter((recipient) => recipient.action === action).length;
  const [failed, delayed] = [count("failed"), count("delayed")];
  if (failed + delayed === 0)
    return sentence(
      `${message} has been ${isAllDelivered(recipients) ? "delivered" : "handed on"}.`,
    );
  const waiting = `has not been delivered to ${people(delayed)} yet`;
  if (failed === 0) return sentence(`${message} ${waiting}. You do not have to do anything.`);
  const given = sentence(`${message} could not be delivered to ${people(failed)}.`);
  return delayed === 0 ? given : `${given} It ${waiting}.`;
}

function people(count: number): string {
  return count === 1 ? "one recipient" : `${count} recipients`;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function recipientSection(
  recipient: ReportedRecipient,
  original: OriginalMessage,
  international: boolean,
): string {
  return (
    text(shownAddress(recipient)) +
    indented(happened(recipient)) +
    (isSuccess(recipient.action) ? "" : reasons(recipient, original.arrivedAt)) +
    lastWords(recipient, international)
  );
}

/** The address that the sender wrote; and where it led, if that is another and not the same in A-labels. */
function shownAddress({ originalRecipient, finalRecipient }: ReportedRecipient): string {
  const final = shown(formatAddress(finalRecipient));
  if (originalRecipient === undefined) return final;
  const written = shown(originalRecipient.address);
  const same = written === final || written === shown(inLetters(finalRecipient));
  return same ? written : `${written} (which led to ${final})`;
}

function inLetters({ local, host }: Address): string {
  const name = host.kind === "domain" ? displayDomain(host.domain) : formatHost(host);
  return `${formatLocalPart(local)}@${name}`;
}

/** Letters of any language, since a person must recognise it; but nothing that turns or ends the line. */
function shown(address: string): string {
  return plainWords(address, true, ORIGINAL_RECIPIENT_LIMIT);
}

function happened({ action, lastAttempt }: ReportedRecipient): string {
  const there = lastAttempt?.remote === undefined ? "" : ` to ${hostName(lastAttempt.remote.host)}`;
  switch (action) {
    case "failed":
      return "Not delivered. This server has given up.";
    case "delayed":
      return "Not delivered yet. This server keeps trying.";
    case "delivered":
      return "Delivered to the mailbox. Whether it has been read is not known.";
    case "relayed":
      return `Handed on${there}. That server does not report what becomes of it.`;
    case "expanded":
      return "Handed on to the members of a list. What becomes of it there is not reported.";
  }
}

/** Time that ran out is no reason of its own: what stood in the way the last time is, and what to do follows from that. */
function reasons(recipient: ReportedRecipient, since: number): string {
  const { action, status, lastAttempt, retryUntil } = recipient;
  const obstacle = meaningOf((lastAttempt?.status ?? status).enhanced);
  const ranOut = status.enhanced.endsWith(".4.7") && lastAttempt !== undefined;
  const tried = ranOut
    ? `It was tried from ${dateTime(since)} to ${dateTime(lastAttempt.at)}, always in vain. `
    : "";
  const todo = action === "failed" ? obstacle.advice : patience(retryUntil);
  return indented(`Why: ${tried}${obstacle.why}`) + indented(`What to do: ${todo}`);
}

function patience(until: number | undefined): string {
  const end = until === undefined ? "" : `, until ${dateTime(until)},`;
  return `Nothing; please do not send it again. This server keeps trying${end} and will tell you if it gives up.`;
}

/** The remote server's own words; where nobody said anything, what this server noted. */
function lastWords(recipient: ReportedRecipient, international: boolean): string {
  const { action, status, lastAttempt } = recipient;
  const words = remoteWords(lastAttempt, international);
  if (lastAttempt?.remote !== undefined && words.length > 0)
    return (
      indented(`The server ${hostName(lastAttempt.remote.host)} said:`) +
      words.map((line) => paragraph(line, QUOTE, QUOTE)).join("")
    );
  return isSuccess(action) ? "" : noted(lastAttempt?.status ?? status);
}

function noted(status: Status): string {
  return indented("This server noted:") + paragraph(printable(formatStatus(status)), QUOTE, QUOTE);
}

function closing(report: Report): string {
  const { original, postmaster } = report;
  const attached = returnsWhole(report) ? "your message" : "the header of your message";
  return text(
    `Attached are the details for mail programs, and ${attached}. If you need help, answer this report ` +
      `or write to ${shown(formatAddress(postmaster))}, and mention the id ${original.id}`,
  );
}

const QUOTE = "        ";

function indented(words: string): string {
  return paragraph(words, "    ", "    ");
}

function text(words: string): string {
  return paragraph(words, "", "");
}
