/**
 * Hosts that were reported as open relays, of the store's contract: who reported them and why, and what is known of each by now. A
 * change of a host and the report that caused it are one transaction. What is JSON the store never looks into. Times are
 * milliseconds since 1970.
 */

/** Reports that are kept of one host, the latest: the hundredth says no more than the first. */
export const SUSPECT_REPORTS = 100;

/** A command, a mail to the address for reports, a mail to a mailbox that nobody reads. */
export const REPORT_ORIGINS = ["command", "mail", "trap"] as const;

export type ReportOrigin = (typeof REPORT_ORIGINS)[number];

export interface SuspectReport {
  readonly at: number;
  readonly origin: ReportOrigin;
  /** Who made it, by whom reports are counted: a user of the system, a login, a domain, a trap. */
  readonly by: string;
  /** JSON: what he shows. */
  readonly cause: string;
}

/** What is known of a host. */
export interface SuspectFacts {
  readonly standing: string;
  /** When something is to be done about it; left out: nothing, until it is reported again. */
  readonly due?: number;
  /** JSON: what else. */
  readonly facts: string;
  /** When it became so. */
  readonly at: number;
}

export interface StoredSuspect extends SuspectFacts {
  /** Canonical. */
  readonly ip: string;
  /** Another one after each change; never 0. */
  readonly version: number;
}

export interface SuspectEdit {
  readonly ip: string;
  /** `version` of what whoever wants this has seen; 0: there was none. */
  readonly seen: number;
  readonly after: SuspectFacts;
  /** That caused it. */
  readonly report?: SuspectReport;
}

export interface SuspectQuery {
  readonly standing?: string;
  /** Those behind it, in the order of their octets. */
  readonly after?: string;
  readonly limit: number;
}

/** The reads that return no promise are synchronous, like the directory's, and see other processes' changes at once. */
export interface Suspects {
  find(ip: string): StoredSuspect | undefined;
  /** Something is to be done about them at that time or before; the earliest first. */
  due(now: number, limit: number): readonly StoredSuspect[];
  /** How many there are of them, counted up to the limit. */
  countDue(now: number, limit: number): number;
  /** Makes a change, and keeps its report; false where somebody else has changed it meanwhile, and nothing was done. */
  apply(edit: SuspectEdit): Promise<boolean>;
  list(query: SuspectQuery): Promise<readonly StoredSuspect[]>;
  /** The latest first. */
  reports(ip: string, limit: number): Promise<readonly SuspectReport[]>;
  /** Reports of one reporter at that time or later, of any host; of those that are kept. */
  countReports(by: string, since: number): Promise<number>;
  /** Forgets reports made before, and all but the last `reports` of them; and hosts that have none left, about which nothing is to be done, and that have not changed since; step by step. */
  prune(before: number, reports: number): Promise<void>;
}
