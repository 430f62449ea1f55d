/** Reports on mail between servers: TLS, as others report it (RFC 8460) and as we saw it; how well it was known who wrote to us; and our own reports of non-delivery. */
import type { Domain } from "../../mail/index.ts";
import type { ReportMails, Store } from "../../store/index.ts";
import { reportedFailures } from "./backscatter.ts";
import { backscatterText } from "./backscatter-text.ts";
import { seenDomains, summed } from "./identity.ts";
import { identityText } from "./identity-text.ts";
import { receivedSince, type ReceivedDomain } from "./received.ts";
import { nothingReceived, receivedText } from "./received-text.ts";
import { sentSince, type SentDomain } from "./sent.ts";
import { nothingSent, sentText } from "./sent-text.ts";
import { counted } from "./words.ts";

export interface TlsQuery {
  /** Absent: all. */
  readonly domain?: Domain;
  /** Of these last days (UTC), today among them. */
  readonly days: number;
  readonly about: "received" | "sent" | "both";
  /** Milliseconds since 1970. */
  readonly now: number;
}

const DAY_MS = 86_400_000;

/** For a person; or as JSON an object with `days`, and `received` and `sent` where they were asked for. */
export async function tlsReport(
  { reportMails, tlsReports, tlsResults }: Pick<Store, "reportMails" | "tlsReports" | "tlsResults">,
  query: TlsQuery,
  asJson: boolean,
): Promise<string> {
  const { domain, days, about, now } = query;
  const firstDay = firstDayOf(days, now);
  const received =
    about === "sent" ? undefined : await receivedSince(tlsReports, firstDay * DAY_MS, domain);
  const sent = about === "received" ? undefined : await sentSince(tlsResults, firstDay, domain);
  if (asJson) return JSON.stringify({ days, received, sent }, null, 2);
  const chapters = [
    ...(received === undefined
      ? []
      : [receivedChapter(received, tlsReportWaits(reportMails), query)]),
    ...(sent === undefined ? [] : [sentChapter(sent, query)]),
  ];
  return chapters.map((lines) => lines.join("\n")).join("\n\n\n");
}

/** Of mail that waits so much is looked at. */
const WAITING_MAILS = 100;

function tlsReportWaits(mails: Pick<ReportMails, "waiting">): boolean {
  return mails.waiting(WAITING_MAILS).some(({ about }) => about === "tls");
}

/** For a person; or as JSON an object with `days`, `domains` and `all`. */
export async function identityReport(
  { identityCounts }: Pick<Store, "identityCounts">,
  { days, now }: Pick<TlsQuery, "days" | "now">,
  asJson: boolean,
): Promise<string> {
  const counts = await identityCounts.since(firstDayOf(days, now));
  const [domains, all] = [seenDomains(counts), summed(counts)];
  return asJson
    ? JSON.stringify({ days, domains, all }, null, 2)
    : identityText(domains, all, days).join("\n");
}

/** For a person; or as JSON an object with `days`, `backscatter`, `reports` and `untold`. */
export async function backscatterReport(
  { reportCounts }: Pick<Store, "reportCounts">,
  { days, now }: Pick<TlsQuery, "days" | "now">,
  asJson: boolean,
): Promise<string> {
  const { reports, untold } = await reportCounts.since(firstDayOf(days, now));
  const told = reportedFailures(reports, untold);
  return asJson
    ? JSON.stringify({ days, ...told }, null, 2)
    : backscatterText(told, days).join("\n");
}

/** Days since 1970, UTC. */
function firstDayOf(days: number, now: number): number {
  return Math.floor(now / DAY_MS) - days + 1;
}

function receivedChapter(
  domains: readonly ReceivedDomain[],
  waiting: boolean,
  { domain, days }: TlsQuery,
): readonly string[] {
  return [
    `RECEIVED ${whenText(days)}: what others report about TLS of their mail to us`,
    ...(domains.length === 0 ? nothingReceived(domain) : receivedText(domains)),
    ...(waiting ? ["", WAITING] : []),
  ];
}

function sentChapter(
  domains: readonly SentDomain[],
  { domain, days }: TlsQuery,
): readonly string[] {
  return [
    `SENT ${whenText(days)}: what was seen here of TLS with others' servers`,
    ...(domains.length === 0 ? nothingSent(domain) : sentText(domains, domain !== undefined)),
  ];
}

const WAITING = "Mail with reports waits to be collected; a running server does that at once.";

function whenText(days: number): string {
  return days === 1 ? "today (UTC)" : `in the last ${counted(days, "day")}`;
}
