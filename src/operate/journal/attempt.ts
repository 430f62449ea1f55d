/** Delivery attempts as a person reads them: when, where to, and what the other server said of each recipient. */
import {
  formatStatus,
  outcomeKind,
  type AttemptedRecipient,
  type AttemptFacts,
  type CarrierCertificate,
} from "../../mail/index.ts";
import type { StoredRecord } from "../../store/index.ts";
import { seconds, timeText } from "./time.ts";

/** The attempts among the records; the order stays. */
export function attemptsOf(records: readonly StoredRecord[]): readonly AttemptFacts[] {
  return records.flatMap(({ json }) => readAttempt(json) ?? []);
}

export function readAttempt(json: string): AttemptFacts | undefined {
  const facts: unknown = JSON.parse(json);
  const known =
    typeof facts === "object" &&
    facts !== null &&
    "v" in facts &&
    facts.v === 1 &&
    "protocol" in facts &&
    facts.protocol === "delivery";
  return known ? (facts as AttemptFacts) : undefined; // this program wrote it, in this version of the shape
}

/** The whole of one. */
export function attemptLines(facts: AttemptFacts): readonly string[] {
  const { message, destination, carried, at, endedAt, report } = facts;
  const server =
    carried === undefined
      ? "no connection"
      : `${carried.host} [${carried.ip}], ${secured(carried.tls)}`;
  return [
    `attempt  ${message} to ${destination}`,
    `began    ${timeText(at)} UTC, lasted ${seconds(endedAt - at)}`,
    `server   ${server}`,
    ...(carried?.certificate === undefined ? [] : [certificateLine(carried.certificate)]),
    ...facts.recipients.flatMap(recipientLines),
    ...(report === undefined ? [] : [`         report ${report} to <${facts.sender}>`]),
  ];
}

/** One in a line. */
export function attemptLine({ at, message, carried, recipients, destination }: AttemptFacts) {
  const counts = (["delivered", "deferred", "failed"] as const).flatMap((kind) => {
    const count = recipients.filter(({ outcome }) => outcomeKind(outcome) === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return `${timeText(at)}  ${message}  ${(carried?.ip ?? "").padEnd(15)}  ${destination}: ${counts.join(", ")}`;
}

function secured(tls: { readonly version: string; readonly cipher: string } | undefined): string {
  return tls === undefined ? "no TLS" : `${tls.version} ${tls.cipher}`;
}

function certificateLine({ sha256, why }: CarrierCertificate): string {
  return `         certificate ${sha256 === "" ? "none" : `sha256:${sha256}`}: ${why}`;
}

function recipientLines({ address, outcome, end, report }: AttemptedRecipient): readonly string[] {
  const { status, reply, inDoubt } = outcome;
  const said = reply?.lines ?? [formatStatus(status)];
  return [
    `to       <${address}> ${endText(end)}${inDoubt === true ? ", in doubt" : ""}`,
    ...said.map((line) => `           ${line}`),
    ...(status.reason === undefined ? [] : [`           because ${status.reason}`]),
    ...(report === undefined
      ? []
      : [`           ${report.due ? "" : "not "}reported: ${report.reason}`]),
  ];
}

function endText(end: AttemptedRecipient["end"]): string {
  switch (end.kind) {
    case "delivered":
      return "delivered";
    case "failed":
      return "failed";
    case "due again":
      return `deferred, again at ${timeText(end.dueAt)} UTC`;
  }
}
