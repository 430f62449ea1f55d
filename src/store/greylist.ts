/**
 * What greylisting remembers, of the store's contract: first attempts, and networks of which somebody has come again. Times are
 * milliseconds since 1970.
 */

export interface GreylistTriplet {
  readonly network: string;
  readonly sender: string;
  readonly recipient: string;
}

/** How much of it stays. */
export interface GreylistBounds {
  /** Attempts first made before are forgotten. */
  readonly attemptsSince: number;
  /** So are networks last noted before. */
  readonly networksSince: number;
  /** Of more than so many, the oldest. */
  readonly attempts: number;
  readonly networks: number;
}

export interface Greylist {
  /** When the network was last noted. Synchronous, like the directory's reads. */
  passedAt(network: string): number | undefined;
  firstTried(triplet: GreylistTriplet): number | undefined;
  /**
   * Kept within a second; nobody waits for it, and it never throws. What is there already stays, unless it is older than `since` or, by a
   * clock that was set back, later than `at`. May be lost in a crash, or where too many wait to be written.
   */
  noteAttempt(
    triplet: GreylistTriplet,
    time: { readonly at: number; readonly since: number },
  ): void;
  /** Likewise; never moves back. */
  notePassed(network: string, at: number): void;
  /** What was noted before counts. */
  prune(bounds: GreylistBounds): Promise<void>;
}
