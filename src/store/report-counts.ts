/**
 * Reports of non-delivery: those that this server wrote, and failures that no sender was told of; counted by day, in the transaction
 * that ends the rows. A report that left for an address of which nothing showed that it is the sender's is backscatter.
 */

/** What shows that the reverse-path is the sender's own. */
export const REPORT_PROOFS = ["login", "network", "peer", "spf", "dmarc", "none"] as const;
export type ReportProof = (typeof REPORT_PROOFS)[number];

/** Why no sender was told of a recipient that failed. */
export const UNTOLD_REASONS = [
  /** The sender's address may be forged. */
  "unverified",
  /** The message is itself a report, or an answer that a program gave. */
  "report",
  /** The sender did not wish it (NOTIFY). */
  "unasked",
  /** His address leads nowhere, or to a mailbox that has gone. */
  "nowhere",
  /** His domain has had its reports of the hour. */
  "too many",
  /** The report could not be made. */
  "fault",
  /** It was a report of ours that his server did not take. */
  "returned",
] as const;
export type UntoldReason = (typeof UNTOLD_REASONS)[number];

export interface ReportCount {
  readonly proof: ReportProof;
  /** It left, for an address elsewhere; perhaps for a mailbox here too. */
  readonly abroad: boolean;
  readonly reports: number;
}

export interface UntoldCount {
  readonly reason: UntoldReason;
  readonly recipients: number;
}

export interface ReportCounts {
  /** Of this day (days since 1970, UTC) and all after it, summed up: at most one for each proof and way, and for each reason. */
  since(day: number): Promise<{
    readonly reports: readonly ReportCount[];
    readonly untold: readonly UntoldCount[];
  }>;
  /** Forgets the days before this one. */
  prune(beforeDay: number): Promise<void>;
}
