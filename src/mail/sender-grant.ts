/** What the operator lets a mailbox send as, besides its own addresses. */
import type { Domain } from "./domain.ts";

export interface SenderGrant {
  /** A local key; absent: every address of the domain. */
  readonly local?: string;
  readonly domain: Domain;
}
