/**
 * MTA-STS policies of other domains, of the store's contract: as they were fetched, kept for as long as they hold (RFC 8461 §3.3),
 * also over restarts and for all nodes. Times are milliseconds since 1970.
 */
import type { Domain } from "../mail/index.ts";

export interface StoredStsPolicy {
  /** Of the DNS record that announced it. */
  readonly id: string;
  /** The file, octet by octet. */
  readonly policy: Uint8Array;
  readonly fetchedAt: number;
  /** It counts until then, and may be forgotten afterwards. */
  readonly until: number;
}

export interface StsPolicies {
  /** Synchronous, like the directory's reads. One that is over may still be found. */
  find(domain: Domain): StoredStsPolicy | undefined;
  /** In place of the one before; whatever is over by its `fetchedAt` is forgotten. */
  keep(domain: Domain, policy: StoredStsPolicy): Promise<void>;
}
