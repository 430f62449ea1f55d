/** What was answered, in numbers: altogether, and by networks of clients (/24, /48), of which so many are kept and the others counted together. */

/** What became of a query. */
export const COUNTED = [
  "listed",
  "notListed",
  "noData",
  "aboutZone",
  "transfer",
  "truncated",
  "refused",
  "malformed",
  "failed",
  "limited",
  "silent",
] as const;

export type Counted = (typeof COUNTED)[number];

/** Since the counts before were taken. */
export interface AnswerCounts {
  readonly all: Readonly<Record<Counted, number>>;
  /** The most diligent first. */
  readonly networks: readonly NetworkCounts[];
  /** Queries of networks for which there was no room. */
  readonly others: number;
}

export interface NetworkCounts {
  /** "192.0.2.0/24" */
  readonly network: string;
  readonly queries: number;
  readonly listed: number;
}
