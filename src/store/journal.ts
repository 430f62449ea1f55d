/** The journal of the store's contract: what sessions did, kept for `explain` and found by its keys. */
import type { SessionId } from "../mail/index.ts";

/**
 * What one session did, for `explain`: its keys, and the whole as JSON that the store never looks into. A session
 * may have several records: one with each message it delivered, and one at its end.
 */
export interface SessionRecord {
  readonly session: SessionId;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ip: string;
  /** Addresses named in it, as `local@domain` keys, and the Message-IDs of its messages, each once. */
  readonly addresses: readonly string[];
  /**
   * Noted records with the same fold key (same address, same refusals) within an hour become one row: the first
   * one, with a count. Absent: a row of its own.
   */
  readonly fold?: string;
  readonly json: string;
}

export interface StoredRecord extends SessionRecord {
  /** How many records this row stands for. */
  readonly count: number;
  readonly lastAt: number;
}

export type JournalQuery =
  | { readonly kind: "session"; readonly session: SessionId }
  | { readonly kind: "address"; readonly address: string; readonly limit: number }
  | { readonly kind: "ip"; readonly ip: string; readonly limit: number };

/** Where a page of the journal ends. */
export interface JournalPage {
  readonly records: readonly StoredRecord[];
  /** For the next page; absent: it was the last. */
  readonly next?: number;
}

export interface Journal {
  /** Keeps a record within a second; nobody waits for it. Records may be lost in a crash, messages never. */
  note(record: SessionRecord): void;
  /** The last recorded first; of this process, also what was noted just now. */
  find(query: JournalQuery): Promise<readonly StoredRecord[]>;
  /**
   * Records whose last session was at `since` or later (milliseconds since 1970), in the order in which they were written, `limit` a page.
   */
  page(since: number, limit: number, after?: number): Promise<JournalPage>;
  /** Forgets what is older than `before` (milliseconds since 1970), and beyond `maxOctets` of JSON what came first. */
  prune(before: number, maxOctets: number): Promise<void>;
}
