/** What the queue's runner needs from others, in its own words; `app` hands it in. */
import type { Address, Domain, MailboxId, RelayGrant, Status } from "../../mail/index.ts";
import type { VerifiedSender } from "../../policy/checks/index.ts";
import type { Clock, Log, Random } from "../../runtime/index.ts";
import type { LeavingRow, Queue, QueueRow, Store } from "../../store/index.ts";
import type { Delivery } from "../delivery/index.ts";
import type { Signing } from "../signing/index.ts";

export interface QueueDeps {
  readonly queue: Pick<
    Queue,
    "claim" | "nextDue" | "extend" | "giveBack" | "settle" | "read" | "list"
  >;
  /** For notices to the postmaster. */
  readonly messages: Pick<Store, "openMessage">;
  readonly delivery: Delivery;
  readonly policy: QueuePolicy;
  /** Who reports. */
  readonly site: () => { readonly hostname: Domain; readonly postmaster: Address };
  /** DKIM, for reports that leave. */
  readonly signing: Pick<Signing, "open">;
  readonly clock: Clock;
  readonly random: Random;
  readonly timer: Timer;
  readonly log: Log;
}

export interface QueuePolicy {
  /** Before each attempt: the right to leave, earned anew; or why not, as 4xx (for now) or 5xx. */
  renewGrant(row: LeavingRow): RelayGrant | Status;
  /** Undefined: nothing that the row has kept shows that its sender's address is his. */
  verifiedSender(row: QueueRow): VerifiedSender | undefined;
  /** Where a report for an address goes, by what of ours leads there. */
  route(address: Address): NotificationRoute;
  /** Where one for somebody elsewhere goes. */
  strangerRoute(sender: VerifiedSender): NotificationRoute;
}

/** Nobody gets anything where both are empty. */
export interface NotificationRoute {
  readonly mailboxes: readonly MailboxId[];
  readonly abroad: readonly NotificationAbroad[];
}

export interface NotificationAbroad {
  readonly forwardPath: string;
  readonly destination: string;
  readonly grant: RelayGrant;
}

/** Calls `then` once, after so many milliseconds, unless the returned function is called before. */
export interface Timer {
  after(ms: number, then: () => void): () => void;
}
