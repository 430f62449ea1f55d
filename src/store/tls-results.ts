/** What we saw of TLS when we sent, of the store's contract: counted by day, domain, policy, result and server. */
import type { Domain, TlsPolicyType, TlsResult } from "../mail/index.ts";

/** Counters of one day (UTC). Beyond, what would need a new one is counted for no domain and no server in particular. */
export const TLS_RESULT_ROWS_PER_DAY = 10_000;

/** Characters kept of a detail, and of each line of a policy. */
export const TLS_RESULT_TEXT = 200;

/** Lines kept of a policy, and names of its hosts. */
export const TLS_RESULT_LINES = 10;

/** One counter. */
export interface TlsResultCount {
  readonly key: number;
  /** Days since 1970, UTC. */
  readonly day: number;
  /** "": of domains that had no counter of their own any more. */
  readonly domain: Domain | "";
  readonly policyType: TlsPolicyType;
  readonly result: TlsResult["result"];
  readonly mx: string;
  readonly sessions: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** As it was the last time; "" and none where there was nothing. */
  readonly ip: string;
  readonly detail: string;
  readonly policy: readonly string[];
  readonly policyHosts: readonly string[];
}

export interface TlsResultQuery {
  readonly domain?: Domain;
  /** Days since 1970, UTC: this one and all after it. */
  readonly sinceDay: number;
  /** The last counter of the page before. */
  readonly after?: number;
  readonly limit: number;
}

export interface TlsResults {
  /** Counts it within a second; nobody waits for it, and it never throws. May be lost in a crash. */
  note(result: TlsResult): void;
  /** In the order of their keys; of this process, also what was noted just now. */
  find(query: TlsResultQuery): Promise<readonly TlsResultCount[]>;
  /** Forgets the days before this one. */
  prune(beforeDay: number): Promise<void>;
}
