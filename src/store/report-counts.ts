/**
 * Reports of non-delivery that this server wrote, of the store's contract: counted in the transaction that stores or queues them, by day
 * and by what showed that their addressee is the sender. One that left for an address of which nothing showed it is backscatter.
 */

/** What shows that the reverse-path is the sender's own. */
export const REPORT_PROOFS = ["login", "network", "peer", "spf", "dmarc", "none"] as const;
export type ReportProof = (typeof REPORT_PROOFS)[number];

export interface ReportCount {
  readonly proof: ReportProof;
  /** It left, for an address elsewhere; perhaps for a mailbox here too. */
  readonly abroad: boolean;
  readonly reports: number;
}

export interface ReportCounts {
  /** Of this day (days since 1970, UTC) and all after it, summed up: at most one for each proof and way. */
  since(day: number): Promise<readonly ReportCount[]>;
  /** Forgets the days before this one. */
  prune(beforeDay: number): Promise<void>;
}
