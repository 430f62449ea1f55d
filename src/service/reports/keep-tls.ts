/** Keeps what a mail reports about TLS, and drops the mail, in one transaction. */
import type { Domain } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import type { TlsReport, TlsReports } from "../../store/index.ts";
import { shownMail, type KeepReport, type WaitingAbout } from "./collector.ts";
import { whyUnread, type ReportReader } from "./reading.ts";

export interface TlsKeeping {
  readonly reports: Pick<TlsReports, "keep">;
  readonly reader: Pick<ReportReader, "read">;
  readonly log: Log;
  isOurs(domain: Domain): boolean;
  /** Reports kept of one day. */
  perDay(): number;
}

export function tlsKeeper(deps: TlsKeeping): KeepReport<WaitingAbout<"tls">> {
  const { reports, reader, log } = deps;
  return async (mail, octets) => {
    const reading = await reader.read(octets, { about: "tls" });
    if (reading.kind !== "tls") return whyUnread(reading);
    const ours = reading.reports.filter(({ domain }) => deps.isOurs(domain));
    if (ours.length === 0) return notOurs(reading.reports);
    const result = await reports.keep(mail.id, ours, deps.perDay());
    if (result.kind === "too many")
      return "more reports have come today than are kept (reports.per_day)";
    log.info("tls report", {
      ...shownMail(mail),
      organisation: ours[0]?.organisation,
      domains: ours.map(({ domain }) => domain),
      failed: ours.flatMap(({ policies }) => policies).reduce((sum, one) => sum + one.failed, 0),
      ...(result.fresh === 0 && { known: true }),
    });
    return undefined;
  };
}

function notOurs(reports: readonly TlsReport[]): string {
  return `about ${reports[0]?.domain ?? "nobody"}, which is no domain of this site`;
}
