/** Every operation of the writer thread, performed inside the transaction of its batch. */
import { StoreError } from "../index.ts";
import type { Connection } from "./connection.ts";
import { Deposits } from "./deposits.ts";
import { GreylistWrites } from "./greylist.ts";
import { IdentityCountWrites } from "./identity-counts.ts";
import { JournalWrites } from "./journal-writes.ts";
import { arrayCount, type Operation, type OperationResult } from "./operations.ts";
import { ListHealthWrites } from "./list-health.ts";
import { ListQuestionsWrites } from "./list-questions.ts";
import { Parts } from "./parts.ts";
import { PublishedWrites } from "./published-writes.ts";
import { QueueTasks } from "./queue-tasks.ts";
import { RelayTestWrites } from "./relay-test-writes.ts";
import { SuspectWrites } from "./suspect-writes.ts";
import { Removals } from "./removals.ts";
import { ReportCountWrites } from "./report-counts.ts";
import { StsPolicyWrites } from "./sts-policies.ts";
import { ReportTasks } from "./report-tasks.ts";
import { integer } from "./values.ts";

/** Pages given back to the file system in one step. */
const VACUUM_PAGES = 128;

/** An operation and the octets that came with it. */
export interface Task {
  readonly operation: Operation;
  readonly arrays: readonly Uint8Array[];
}

type OperationOf<Kind extends Operation["kind"]> = Operation & { readonly kind: Kind };

const DONE = { kind: "done" } as const;
const MORE = { kind: "more" } as const;

export class Tasks {
  readonly #connection: Connection;
  readonly #deposits: Deposits;
  readonly #parts: Parts;
  readonly #removals: Removals;
  readonly #journal: JournalWrites;
  readonly #queue: QueueTasks;
  readonly #stsPolicies: StsPolicyWrites;
  readonly #identities: IdentityCountWrites;
  readonly #greylist: GreylistWrites;
  readonly #reportCounts: ReportCountWrites;
  readonly #listHealth: ListHealthWrites;
  readonly #relayTests: RelayTestWrites;
  readonly #published: PublishedWrites;
  readonly #suspects: SuspectWrites;
  readonly #listQuestions: ListQuestionsWrites;
  readonly #reports: ReportTasks;
  readonly #appPasswordUsed;
  readonly #certificateUsed;
  readonly #peerSeen;
  readonly #freePages;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#deposits = new Deposits(connection);
    this.#parts = new Parts(connection);
    this.#removals = new Removals(connection);
    this.#journal = new JournalWrites(connection);
    this.#queue = new QueueTasks(connection, this.#deposits, this.#journal);
    this.#stsPolicies = new StsPolicyWrites(connection);
    this.#identities = new IdentityCountWrites(connection);
    this.#greylist = new GreylistWrites(connection);
    this.#reportCounts = new ReportCountWrites(connection);
    this.#listHealth = new ListHealthWrites(connection);
    this.#relayTests = new RelayTestWrites(connection);
    this.#published = new PublishedWrites(connection);
    this.#suspects = new SuspectWrites(connection);
    this.#listQuestions = new ListQuestionsWrites(connection);
    this.#reports = new ReportTasks(connection, this.#deposits);
    this.#appPasswordUsed = connection.query(
      `UPDATE app_password SET last_used_at = ?1
       WHERE mailbox = ?2 AND name = ?3 AND coalesce(last_used_at, 0) < ?1`,
    );
    this.#certificateUsed = connection.query(
      `UPDATE mailbox_certificate SET last_used_at = ?1
       WHERE key = ?2 AND coalesce(last_used_at, 0) < ?1`,
    );
    this.#peerSeen = connection.query(
      `UPDATE peer SET seen_at = ?1, seen_level = ?2, seen_key = ?3, expires_at = ?4
       WHERE name = ?5 AND coalesce(seen_at, 0) < ?1`,
    );
    this.#freePages = connection.query("PRAGMA freelist_count");
  }

  perform({ operation, arrays }: Task): OperationResult {
    switch (operation.kind) {
      case "deposit":
        return this.#deposit(operation, array(arrays, 0), array(arrays, 1));
      case "part":
        this.#parts.add(operation.body, operation.start, array(arrays, 0));
        return DONE;
      case "complete":
        return this.#complete(operation, array(arrays, 0));
      case "abandon":
        this.#parts.drop(operation.body);
        return DONE;
      case "collect":
        this.#parts.collect();
        return DONE;
      case "remove":
        this.#removals.remove(operation.mailbox, operation.uids);
        return DONE;
      case "app-password-used":
        this.#appPasswordUsed.run(operation.at, operation.mailbox, operation.name);
        return DONE;
      case "certificate-used":
        this.#certificateUsed.run(operation.at, operation.key);
        return DONE;
      case "peer-seen":
        return this.#seen(operation);
      case "journal":
        for (const record of operation.records) this.#journal.add(record);
        return DONE;
      case "keep sts policy":
        this.#stsPolicies.keep(operation, array(arrays, 0));
        return DONE;
      case "count identities":
        this.#identities.add(operation.counts);
        return DONE;
      case "prune identity counts":
        return this.#identities.prune(operation.beforeDay);
      case "prune report counts":
        return this.#reportCounts.prune(operation.beforeDay);
      case "note greylist attempts":
      case "note greylist passes":
      case "prune greylist":
        return this.#greylist.perform(operation);
      case "keep list health":
      case "retain list health":
        this.#listHealth.perform(operation);
        return DONE;
      case "relay test":
        return this.#relayTests.perform(operation.write);
      case "published":
        return this.#published.perform(operation.write);
      case "suspect":
        return this.#suspects.perform(operation.write);
      case "list questions":
        return this.#listQuestions.perform(operation.write);
      case "prune":
        return this.#journal.prune(operation.before, operation.maxOctets);
      case "vacuum":
        return this.#vacuum(operation.keptPages);
      case "keep reports":
      case "deposit report mail":
      case "drop report mail":
      case "count tls results":
      case "prune reports":
      case "prune tls results":
        return this.#reports.perform(operation);
      default:
        return this.#queue.perform(operation, arrays);
    }
  }

  /** Once at the end of each transaction. */
  beforeCommit(): void {
    this.#journal.settle();
  }

  afterRollback(): void {
    this.#journal.undone();
  }

  #deposit(
    { record, ...message }: OperationOf<"deposit">,
    head: Uint8Array,
    content: Uint8Array,
  ): OperationResult {
    const octets = head.length + content.length;
    const result = this.#deposits.store({ ...message, octets, head, content });
    if (result.kind === "committed") this.#journal.add(record);
    return result;
  }

  #complete(operation: OperationOf<"complete">, head: Uint8Array): OperationResult {
    const { record, body, contentOctets, ...message } = operation;
    const octets = head.length + contentOctets;
    this.#parts.keep(body, contentOctets);
    const result = this.#deposits.store({ ...message, octets, head, content: body });
    if (result.kind === "committed") this.#journal.add(record);
    else this.#parts.drop(body);
    return result;
  }

  #seen({ name, seen }: OperationOf<"peer-seen">): OperationResult {
    this.#peerSeen.run(seen.at, seen.level, seen.key, seen.expiresAt, name);
    return DONE;
  }

  #vacuum(keptPages: number): OperationResult {
    const excess = integer(this.#freePages.row()?.[0]) - keptPages;
    if (excess <= 0) return DONE;
    this.#connection.execute(`PRAGMA incremental_vacuum(${Math.min(excess, VACUUM_PAGES)})`);
    return MORE;
  }
}

/** Gives each operation the arrays that came with it. */
export function tasksOf(
  operations: readonly Operation[],
  arrays: readonly ArrayBuffer[],
): readonly Task[] {
  let next = 0;
  return operations.map((operation) => {
    const from = next;
    next += arrayCount(operation);
    return { operation, arrays: arrays.slice(from, next).map((buffer) => new Uint8Array(buffer)) };
  });
}

function array(arrays: readonly Uint8Array[], index: number): Uint8Array {
  const found = arrays[index];
  if (found === undefined) throw new StoreError("an operation came without its octets");
  return found;
}
