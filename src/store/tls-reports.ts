/**
 * Reports of others about TLS with our servers (RFC 8460), of the store's contract. To keep one and to drop the mail that brought it is one
 * transaction, so that a crash loses neither and keeps nothing twice. Times are milliseconds since 1970.
 */
import type { Domain, TlsPolicyType } from "../mail/index.ts";
import type { ReportMailId } from "./report-mails.ts";

/** What one organisation says of one domain, about one time. Texts are a stranger's. */
export interface TlsReport {
  /** The three name the report: another one with the same is not kept. */
  readonly organisation: string;
  readonly reportId: string;
  readonly domain: Domain;
  readonly beginsAt: number;
  readonly endsAt: number;
  /** "" where none was given. */
  readonly contact: string;
  readonly policies: readonly ReportedPolicy[];
}

export interface ReportedPolicy {
  readonly type: TlsPolicyType;
  readonly strings: readonly string[];
  readonly hosts: readonly string[];
  readonly succeeded: number;
  readonly failed: number;
  readonly failures: readonly ReportedFailure[];
  /** Failures that were not kept, for there were too many. */
  readonly leftOut: number;
}

/** "" where nothing was said. */
export interface ReportedFailure {
  /** One of mail's `TLS_FAILURES`, or a word that came after RFC 8460. */
  readonly result: string;
  readonly sessions: number;
  readonly sendingIp: string;
  readonly mx: string;
  readonly helo: string;
  readonly receivingIp: string;
  readonly reason: string;
  readonly information: string;
}

export interface StoredTlsReport extends TlsReport {
  readonly key: number;
  /** Of the mail: the reverse-path, and the host that brought it. */
  readonly from: string;
  readonly ip: string;
  readonly receivedAt: number;
}

export interface TlsReportQuery {
  readonly domain?: Domain;
  /** Received at this time or later. */
  readonly since: number;
  /** The last report of the page before. */
  readonly after?: number;
  readonly limit: number;
}

export type KeepResult =
  /** How many were not there before. */
  | { readonly kind: "kept"; readonly fresh: number }
  /** So many have come on this day (UTC) that none of these is kept; the mail waits as before. */
  | { readonly kind: "too many" };

export interface TlsReports {
  /** Keeps what a mail reports, each once, and drops the mail. Mail that has gone keeps nothing. `perDay`: reports of a day. */
  keep(id: ReportMailId, reports: readonly TlsReport[], perDay: number): Promise<KeepResult>;
  /** In the order in which they came. */
  find(query: TlsReportQuery): Promise<readonly StoredTlsReport[]>;
  /** Forgets reports received before this time, and beyond `maxOctets` what came first. */
  prune(before: number, maxOctets: number): Promise<void>;
}
