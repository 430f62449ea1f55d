/** Delivery attempts as a person reads them: when, where to, and what the other server said of each recipient. */
import {
  formatStatus,
  outcomeKind,
  type AttemptedRecipient,
  type AttemptFacts,
  type Carrier,
  type CarrierCertificate,
  type CarrierSecurity,
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
  const { message, destination, carried, at, endedAt, passedOver = [] } = facts;
  const { report, reportTo = facts.sender } = facts;
  return [
    `attempt  ${message} to ${destination}`,
    `began    ${timeText(at)} UTC, lasted ${seconds(endedAt - at)}`,
    ...(carried === undefined
      ? ["server   no connection"]
      : carrierFields(carried).map(([name, value]) => `${name.padEnd(9)}${value}`)),
    ...passedOver.map((why) => `tried    ${why}`),
    ...facts.recipients.flatMap(recipientLines),
    ...(report === undefined ? [] : [`         report ${report} to <${reportTo}>`]),
  ];
}

/** One in a line. */
export function attemptLine({ at, message, carried, recipients, destination }: AttemptFacts) {
  const counts = (["delivered", "deferred", "failed"] as const).flatMap((kind) => {
    const count = recipients.filter(({ outcome }) => outcomeKind(outcome) === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return `${timeText(at)}  ${message}  ${(carried?.ip ?? carried?.host ?? "").padEnd(15)}  ${destination}: ${counts.join(", ")}`;
}

/** The other side of an attempt, what it had to show, and what it showed: name and value of each line. */
export function carrierFields(carrier: Carrier): readonly (readonly [string, string])[] {
  const { host, ip, security, certificate } = carrier;
  return [
    ["server", `${host}${ip === undefined ? "" : ` [${ip}]`}, ${tlsText(carrier)}`],
    ...(security === undefined ? [] : securityFields(security)),
    ...(certificate === undefined ? [] : [["", certificateText(certificate)] as const]),
  ];
}

function tlsText({ tls, certificate }: Carrier): string {
  if (tls !== undefined) return `${tls.version} ${tls.cipher}`;
  return certificate === undefined ? "no TLS" : "TLS broken off by us";
}

const LEVELS: Readonly<Record<CarrierSecurity["level"], string>> = {
  dane: "DANE",
  "mta-sts": "MTA-STS",
  verified: "verified",
  encrypted: "encrypted",
  opportunistic: "opportunistic",
  none: "no TLS",
};

function securityFields({ level, why, tested }: CarrierSecurity): (readonly [string, string])[] {
  return [
    ["security", `${LEVELS[level]}, ${why}`],
    ...(tested === undefined ? [] : [["", `were the policy enforced, ${tested}`] as const]),
  ];
}

function certificateText({ sha256, why }: CarrierCertificate): string {
  return `certificate ${sha256 === "" ? "none" : `sha256:${sha256}`}: ${why}`;
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
