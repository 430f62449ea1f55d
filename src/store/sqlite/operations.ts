/**
 * What the calling thread asks of the writer thread. A batch crosses as one JSON text and the arrays it
 * speaks of, transferred: cloning an object of objects costs more, and a Buffer's slice would carry its whole
 * slab along.
 */
import type { Domain, IdentityLevel, MailboxId, MessageId } from "../../mail/index.ts";
import type {
  Acceptance,
  Claim,
  Claimed,
  CommitResult,
  GreylistBounds,
  GreylistTriplet,
  KeepResult,
  Lease,
  PeerSeen,
  PublishedResult,
  QueueAction,
  QueueFilter,
  QueueId,
  QueueKey,
  QueuePage,
  Report,
  ReportMailId,
  Settlement,
  SettleResult,
  StoredListHealth,
  StoredRecord,
  TlsReport,
  TlsResultCount,
} from "../index.ts";
import type { ListQuestionsOperation } from "./list-questions-operations.ts";
import type { PublishedOperation } from "./published-operations.ts";
import type { SuspectOperation } from "./suspect-operations.ts";
import type { RelayTestOperation } from "./relay-test-operations.ts";

/** Names the parts of a large message before it has a number: 48 random bits. */
export type BodyNumber = number;

/** A message's name, where it goes, and what counts or refuses it. */
export interface Placing extends Omit<Acceptance, "id" | "head" | "record"> {
  readonly name: MessageId;
}

export type Operation =
  /** A message whole: its head and its content come as two arrays. */
  | (Placing & { readonly kind: "deposit"; readonly record: FreshRecord })
  /** A piece of a message that is too large for one; its octets come as one array. */
  | { readonly kind: "part"; readonly body: BodyNumber; readonly start: number }
  /** The message of which the parts are there; its head comes as one array. */
  | (Placing & {
      readonly kind: "complete";
      readonly body: BodyNumber;
      readonly contentOctets: number;
      readonly record: FreshRecord;
    })
  | { readonly kind: "abandon"; readonly body: BodyNumber }
  /** Drops the parts that a crash left over. Only for the store's one server. */
  | { readonly kind: "collect" }
  | { readonly kind: "remove"; readonly mailbox: MailboxId; readonly uids: readonly string[] }
  | {
      readonly kind: "app-password-used";
      readonly mailbox: MailboxId;
      readonly name: string;
      readonly at: number;
    }
  | { readonly kind: "certificate-used"; readonly key: string; readonly at: number }
  | { readonly kind: "peer-seen"; readonly name: string; readonly seen: PeerSeen }
  | { readonly kind: "journal"; readonly records: readonly FreshRecord[] }
  /** One step of forgetting; "more" when there is more to forget. */
  | { readonly kind: "prune"; readonly before: number; readonly maxOctets: number }
  /** One step of giving free pages back to the file system; "more" when there are more than are kept. */
  | { readonly kind: "vacuum"; readonly keptPages: number }
  | StsPolicyOperation
  | ListHealthOperation
  | { readonly kind: "count identities"; readonly counts: readonly FreshIdentityCount[] }
  /** One step of forgetting; "more" when there is more to forget. */
  | { readonly kind: "prune identity counts"; readonly beforeDay: number }
  | { readonly kind: "prune report counts"; readonly beforeDay: number }
  | GreylistOperation
  | RelayTestOperation
  | SuspectOperation
  | PublishedOperation
  | ListQuestionsOperation
  | ReportOperation
  | QueueOperation;

export type GreylistOperation =
  | { readonly kind: "note greylist attempts"; readonly attempts: readonly FreshAttempt[] }
  | { readonly kind: "note greylist passes"; readonly passes: readonly FreshPass[] }
  /** One step of forgetting; "more" when there is more to forget. */
  | { readonly kind: "prune greylist"; readonly bounds: GreylistBounds };

export type ListHealthOperation =
  | { readonly kind: "keep list health"; readonly health: readonly StoredListHealth[] }
  | { readonly kind: "retain list health"; readonly lists: readonly string[] };

/** Its file comes as one array. */
export interface StsPolicyOperation {
  readonly kind: "keep sts policy";
  readonly domain: Domain;
  readonly id: string;
  readonly fetchedAt: number;
  readonly until: number;
}

export type ReportOperation =
  | {
      readonly kind: "keep reports";
      readonly id: ReportMailId;
      readonly reports: readonly TlsReport[];
      readonly perDay: number;
    }
  | {
      readonly kind: "deposit report mail";
      readonly id: ReportMailId;
      readonly mailbox: MailboxId;
    }
  | { readonly kind: "drop report mail"; readonly id: ReportMailId }
  | { readonly kind: "count tls results"; readonly counts: readonly FreshTlsCount[] }
  /** One step each; "more" when there is more to forget. */
  | { readonly kind: "prune reports"; readonly before: number; readonly maxOctets: number }
  | { readonly kind: "prune tls results"; readonly beforeDay: number };

/** A first attempt; what is there already stays, where it is from `since` to `at`. */
export interface FreshAttempt extends GreylistTriplet {
  readonly at: number;
  readonly since: number;
}

export interface FreshPass {
  readonly network: string;
  readonly at: number;
}

/** What is to be added to a counter; `domain` as the file has it. */
export interface FreshIdentityCount {
  readonly day: number;
  readonly domain: string;
  readonly level: IdentityLevel;
  readonly messages: number;
}

export type FreshTlsCount = Omit<TlsResultCount, "key">;

export type QueueOperation =
  | { readonly kind: "claim"; readonly claim: Claim }
  | {
      readonly kind: "extend";
      readonly lease: Lease;
      readonly rows: readonly QueueId[];
      readonly until: number;
    }
  | {
      readonly kind: "give back";
      readonly lease: Lease;
      readonly rows: readonly QueueId[];
      readonly at: number;
    }
  /** Where there is a report, its head and its content come as two arrays. */
  | { readonly kind: "settle"; readonly settlement: StoredSettlement }
  | {
      readonly kind: "act";
      readonly action: QueueAction;
      readonly at: number;
      readonly filter: QueueFilter;
      readonly page: QueuePage;
    }
  /** Ends the leases of a server that is no more. Only for the store's one server. */
  | { readonly kind: "end leases"; readonly at: number };

/** A report without its octets. */
export type StoredReport = Omit<Report, "head" | "content">;

export type StoredSettlement = Omit<Settlement, "report" | "record"> & {
  readonly report?: StoredReport;
  readonly record?: FreshRecord;
};

/** A record that is not in the file yet; sessions with the same fold key may have become one already. */
export type FreshRecord = StoredRecord;

export type OperationResult =
  | CommitResult
  | SettleResult
  | { readonly kind: "done" }
  | { readonly kind: "more" }
  | KeepResult
  /** The mailbox is not there any more. */
  | { readonly kind: "gone" }
  | { readonly kind: "claimed"; readonly claimed?: Claimed }
  | { readonly kind: "acted"; readonly page: ActedPage }
  | PublishedResult
  | { readonly kind: "serial"; readonly serial: number };

/** What was done of a page of rows. */
export interface ActedPage {
  readonly changed: number;
  readonly next?: QueueKey;
}

/** What became of one operation of a batch. */
export type Outcome =
  | { readonly kind: "result"; readonly result: OperationResult }
  | { readonly kind: "failed"; readonly words: string };

/** From the calling thread. */
export interface BatchMessage {
  /** JSON of `readonly Operation[]`. */
  readonly operations: string;
  /** The arrays of the operations, in their order. */
  readonly arrays: readonly ArrayBuffer[];
}

/** Back from the writer thread. */
export interface OutcomesMessage {
  /** JSON of `readonly Outcome[]`, in the order of the operations. */
  readonly outcomes: string;
  /** Pages in the WAL that no checkpoint has copied yet. */
  readonly walPages: number;
}

/** What both threads must know of the store to open it. */
export interface WorkerOptions {
  readonly file: string;
  readonly busyTimeoutMs: number;
}

/** How many arrays come with an operation. */
export function arrayCount(operation: Operation): number {
  switch (operation.kind) {
    case "deposit":
      return 2;
    case "part":
    case "complete":
    case "keep sts policy":
      return 1;
    case "settle":
      return operation.settlement.report === undefined ? 0 : 2;
    case "claim":
    case "extend":
    case "give back":
    case "act":
    case "end leases":
    case "abandon":
    case "collect":
    case "remove":
    case "app-password-used":
    case "certificate-used":
    case "peer-seen":
    case "journal":
    case "prune":
    case "vacuum":
    case "keep reports":
    case "deposit report mail":
    case "drop report mail":
    case "count identities":
    case "prune identity counts":
    case "prune report counts":
    case "note greylist attempts":
    case "note greylist passes":
    case "prune greylist":
    case "keep list health":
    case "retain list health":
    case "relay test":
    case "published":
    case "suspect":
    case "list questions":
    case "count tls results":
    case "prune reports":
    case "prune tls results":
      return 0;
  }
}

/** From the checkpoint thread: it is done, or what kept it from its work. */
export interface CheckpointMessage {
  readonly problem?: string;
}
