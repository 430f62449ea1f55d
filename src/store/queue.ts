/**
 * The queue of the store's contract: one row for each recipient abroad, until it is delivered, reported or removed.
 * docs/queue.md has its states. What is asked of it is bounded by the page, the claim or the destination, never by how
 * long the queue is. Times are milliseconds since 1970 and always the caller's.
 */
import type {
  BodyType,
  Domain,
  DsnRecipientParameters,
  DsnSenderParameters,
  MailboxId,
  MessageId,
  Outcome,
  RelayGrant,
  SenderEvidence,
  Status,
  StoredGrant,
} from "../mail/index.ts";
import type { SessionRecord } from "./journal.ts";
import type { ReportProof, UntoldReason } from "./report-counts.ts";

declare const stored: unique symbol;

/** The number of a row: never reused. */
export type QueueId = number & { readonly [stored]: "queue row" };

// ---- Into the queue ------------------------------------------------------------------------------

/** What of a message leaves: its envelope, committed together with everything else of it. */
export interface Departure extends DepartureParameters {
  /** Wire form without brackets; "" is the null path. */
  readonly reversePath: string;
  /** The login that handed it in, `local@domain`; absent where nobody logged in. */
  readonly login?: string;
  readonly tell: WhomToTell;
  /** Absent of what we send ourselves. */
  readonly evidence?: SenderEvidence;
  readonly acceptedAt: number;
  /** Octets at the beginning of the head that stay here: Return-Path is the last server's (RFC 5321 §4.4). */
  readonly keptOctets: number;
  /** At least one; each address once. */
  readonly recipients: readonly DepartingRecipient[];
}

export type DepartingRecipient = LeavingRecipient | SettledRecipient;

interface QueuedRecipient extends DsnRecipientParameters {
  /** Wire form without brackets. */
  readonly forwardPath: string;
  /** The next hop's key: rows with the same one are claimed together. */
  readonly destination: string;
  readonly dueAt: number;
}

export interface LeavingRecipient extends QueuedRecipient {
  /** Only who has earned it can put a row in. Its domain is the recipient's own, or the row is refused. */
  readonly grant: RelayGrant;
  /** Instead of the departure's: a forward has a return path of its own. */
  readonly reversePath?: string;
}

/** Failed before anybody could try it: it leaves for nowhere, and is there until its sender has been told. */
export interface SettledRecipient extends QueuedRecipient {
  readonly settled: Status;
}

export interface DepartureParameters extends DsnSenderParameters {
  readonly body?: BodyType;
  readonly smtputf8: boolean;
  /** RFC 8689: only to verified servers that will keep to it too. */
  readonly requireTls?: true;
}

/**
 * Who learns by a message of ours that a recipient was not reached, decided when the mail was accepted: a user of
 * ours, also of delays; a sender whose address was proved to be its own; or nobody, for the address may be forged and
 * the report would be backscatter.
 */
export type WhomToTell = "own user" | "proved sender" | "nobody";

// ---- What is in it -------------------------------------------------------------------------------

export type QueueRow = LeavingRow | ReportedRow;

export interface LeavingRow extends QueuedRow {
  readonly grant: StoredGrant;
  readonly settled?: never;
}

/** It goes nowhere, and waits for its report alone. */
export interface ReportedRow extends QueuedRow {
  readonly settled: Status;
  readonly grant?: never;
}

interface QueuedRow {
  readonly id: QueueId;
  readonly message: MessageId;
  /** What would be sent: head and content without what stays here. */
  readonly octets: number;
  readonly reversePath: string;
  readonly forwardPath: string;
  readonly destination: string;
  readonly login?: string;
  readonly tell: WhomToTell;
  readonly evidence?: SenderEvidence;
  readonly parameters: DepartureParameters & DsnRecipientParameters;
  readonly acceptedAt: number;
  /** Attempts that ended, also those that nobody saw end. */
  readonly attempts: number;
  /** The last attempt whose outcome is known. */
  readonly last?: { readonly at: number; readonly outcome: Outcome };
  readonly delayReported: boolean;
  /** An attempt may have delivered it: its end is not known. */
  readonly inDoubt: boolean;
  readonly state: QueueState;
}

export type QueueState =
  | { readonly kind: "waiting"; readonly dueAt: number }
  | { readonly kind: "held" }
  /** Somebody has it under a lease; the wish is for when the attempt has ended. */
  | {
      readonly kind: "under way";
      readonly owner: string;
      readonly until: number;
      readonly wish: QueueWish;
    };

/** What is to become of a row: the operator's word, "send" where there was none. */
export type QueueWish = "send" | "hold" | "remove";

// ---- Out of it -----------------------------------------------------------------------------------

/** The right to attempt the rows that came with it, until it ends or somebody else takes them over. */
export interface Lease {
  readonly owner: string;
  /** Larger with each claim: what comes from an older lease than the row's own is refused. */
  readonly fence: number;
}

export interface Claim {
  readonly owner: string;
  readonly at: number;
  /** When the lease ends, should its owner not be heard of again. */
  readonly until: number;
  readonly destinations: number;
  /** Rows of one destination that may be under way at once, whoever has them. */
  readonly perDestination: number;
}

export interface Claimed {
  readonly lease: Lease;
  readonly destinations: readonly {
    readonly destination: string;
    /** Those longest due first. */
    readonly rows: readonly ClaimedRow[];
  }[];
}

export type ClaimedRow = QueueRow & {
  /** When it became due, or the lease before ended: before its time where an operator brought it forward. */
  readonly dueSince: number;
};

/** What an attempt led to: all of it in one transaction. */
export interface Settlement {
  readonly lease: Lease;
  readonly at: number;
  readonly rows: readonly SettledRow[];
  readonly report?: Report;
  /** Why no sender is told of a recipient that failed: one for each such, counted with it. */
  readonly untold?: readonly UntoldReason[];
  /**
   * The outcomes with the remote's words, also of what was delivered: the journal keeps them when the row is gone.
   * Absent where there is nothing to tell.
   */
  readonly record?: SessionRecord;
}

export type SettledRow =
  | { readonly id: QueueId; readonly kind: "done" }
  | { readonly id: QueueId; readonly kind: "failed" }
  | {
      readonly id: QueueId;
      readonly kind: "due again";
      readonly dueAt: number;
      readonly outcome: Outcome;
      readonly delayReported: boolean;
      readonly inDoubt: boolean;
    };

/** A notification of ours, small enough to be in memory. It goes into mailboxes also beyond their quota. */
export interface Report {
  readonly id: MessageId;
  readonly head: Uint8Array;
  readonly content: Uint8Array;
  /** Those that have gone are passed over. */
  readonly mailboxes: readonly MailboxId[];
  readonly departure?: Departure;
  /** By which it is counted; its recipients are counted as untold ("nowhere") where nobody is left to have it. */
  readonly proof: ReportProof;
}

export type SettleResult =
  /** `reported`: there was a report, and somebody was left to have it. */
  | { readonly kind: "settled"; readonly reported: boolean }
  /** Nothing was written: these rows are somebody else's by now, or gone. */
  | { readonly kind: "lease lost"; readonly rows: readonly QueueId[] };

// ---- For the operator ----------------------------------------------------------------------------

/** What a row must be, in all that is given. */
export interface QueueFilter {
  readonly id?: QueueId;
  readonly message?: MessageId;
  readonly forwardPath?: string;
  readonly reversePath?: string;
  readonly login?: string;
  /** The recipient's. */
  readonly domain?: Domain;
  readonly destination?: string;
  /** Those that are held, or will be when their attempt has ended. */
  readonly held?: true;
  readonly acceptedFrom?: number;
  readonly acceptedBefore?: number;
}

/** Where a page ended. */
export interface QueueKey {
  readonly acceptedAt: number;
  readonly id: QueueId;
}

export interface QueuePage {
  readonly after?: QueueKey;
  readonly limit: number;
}

/**
 * retry: due now, if it waits. hold: nobody attempts it. release: no longer held, and due now. remove: gone, and nobody
 * is told. What is under way ends its attempt first: hold and remove are done when that is settled.
 */
export type QueueAction = "retry" | "hold" | "release" | "remove";

export interface QueueShape {
  readonly destination: string;
  readonly rows: number;
  /** How many are at most as old as each of the ages asked for, and older than the one before; last, the rest. */
  readonly byAge: readonly number[];
}

export interface ShapePage {
  readonly at: number;
  /** Milliseconds, rising. */
  readonly ages: readonly number[];
  /** The destination where the last page ended. */
  readonly after?: string;
  readonly limit: number;
}

export interface QueueCounts {
  readonly rows: number;
  readonly held: number;
  readonly underWay: number;
  readonly destinations: number;
}

export interface Queue {
  /**
   * Takes due rows, and those whose lease has ended unsettled (which are then in doubt), under a new lease. Of the
   * destinations that have any, the one that has waited longest since its turn is first, so that none can delay another.
   * No row is in two leases. Undefined: nothing is due.
   */
  claim(claim: Claim): Promise<Claimed | undefined>;
  /** When `claim` could find something at the earliest; undefined while nothing waits. */
  nextDue(): number | undefined;
  /** The lease of these rows ends later; those that are not in it are passed over. */
  extend(lease: Lease, rows: readonly QueueId[], until: number): Promise<void>;
  /** Gives rows back that were not attempted: due at `at`, nothing else changed. */
  giveBack(lease: Lease, rows: readonly QueueId[], at: number): Promise<void>;
  settle(settlement: Settlement): Promise<SettleResult>;
  /** Octets to be sent, like `Maildrops.read`; what stays here is left out. */
  read(
    row: QueueId,
    offset: number,
    limit: number,
  ): Promise<Uint8Array | undefined> | Uint8Array | undefined;

  /**
   * Rows in the order of their acceptance. A page is bounded by what is looked at, so it may be short, even empty, and
   * still have a `next`; without one it is the last.
   */
  list(
    filter: QueueFilter,
    page: QueuePage,
  ): Promise<{ readonly rows: readonly QueueRow[]; readonly next?: QueueKey }>;
  /** Does it to the rows of one such page, in one transaction. */
  act(
    action: QueueAction,
    at: number,
    filter: QueueFilter,
    page: QueuePage,
  ): Promise<{ readonly changed: number; readonly next?: QueueKey }>;
  /** Destinations in the order of their names. */
  shape(page: ShapePage): Promise<readonly QueueShape[]>;
  counts(): Promise<QueueCounts>;
}
