/** The parts of an open store, put together; and taken apart again in an order that loses nothing. */
import type { Clock, Log } from "../../runtime/index.ts";
import type { MessageDraft, Store } from "../index.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Connection } from "./connection.ts";
import { SqliteDirectory } from "./directory.ts";
import { Draft } from "./draft.ts";
import { SqliteGreylist } from "./greylist.ts";
import { Housekeeping } from "./housekeeping.ts";
import { SqliteIdentityCounts } from "./identity-counts.ts";
import { SqliteJournal } from "./journal.ts";
import { SqliteListHealths } from "./list-health.ts";
import { SqliteListQuestions } from "./list-questions.ts";
import type { StoreLock } from "./lock.ts";
import { SqliteMaildrops } from "./maildrops.ts";
import type { WorkerOptions } from "./operations.ts";
import { SqlitePublished } from "./published.ts";
import { SqliteQueue } from "./queue.ts";
import { SqliteRelayTests } from "./relay-tests.ts";
import { SqliteReportCounts } from "./report-counts.ts";
import { SqliteReportMails } from "./report-mails.ts";
import { SqliteSending } from "./sending.ts";
import { SqliteSuspects } from "./suspects.ts";
import { SqliteStsPolicies } from "./sts-policies.ts";
import { SqliteTlsReports } from "./tls-reports.ts";
import { SqliteTlsResults } from "./tls-results.ts";
import { startThread } from "./threads.ts";
import { WriterThread } from "./writer-thread.ts";

export interface StoreParts extends WorkerOptions {
  /** Held by the store's server, let go of at the end. */
  readonly lock: StoreLock | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

export class SqliteStore implements Store {
  readonly directory: SqliteDirectory;
  readonly journal: SqliteJournal;
  readonly maildrops: SqliteMaildrops;
  readonly queue: SqliteQueue;
  readonly sending: SqliteSending;
  readonly stsPolicies: SqliteStsPolicies;
  readonly reportMails: SqliteReportMails;
  readonly tlsReports: SqliteTlsReports;
  readonly tlsResults: SqliteTlsResults;
  readonly identityCounts: SqliteIdentityCounts;
  readonly reportCounts: SqliteReportCounts;
  readonly greylist: SqliteGreylist;
  readonly listHealth: SqliteListHealths;
  readonly relayTests: SqliteRelayTests;
  readonly published: SqlitePublished;
  readonly suspects: SqliteSuspects;
  readonly listQuestions: SqliteListQuestions;
  readonly #lock: StoreLock | undefined;
  readonly #clock: Clock;
  readonly #reading: Connection;
  readonly #writer: WriterThread;
  readonly #housekeeping: Housekeeping;
  readonly #checkpointer: Checkpointer;

  constructor({ file, busyTimeoutMs, lock, log, clock }: StoreParts) {
    const options: WorkerOptions = { file, busyTimeoutMs };
    this.#lock = lock;
    this.#clock = clock;
    this.#reading = new Connection({ ...options, purpose: "read" });
    this.#checkpointer = new Checkpointer(options, log);
    this.#writer = new WriterThread({
      start: () => startThread(new URL("./writer.ts", import.meta.url), options),
      log,
      onBatch: (pages) => this.#batchWritten(pages),
    });
    this.#housekeeping = new Housekeeping(this.#writer, log, () => this.#checkpointer.copy());
    const reading = this.#reading;
    const writer = this.#writer;
    this.directory = new SqliteDirectory({ file, reading, writer, log, now: () => clock.now() });
    this.journal = new SqliteJournal(reading, writer, log);
    this.maildrops = new SqliteMaildrops(reading, writer);
    this.queue = new SqliteQueue(reading, writer);
    this.sending = new SqliteSending(reading);
    this.stsPolicies = new SqliteStsPolicies(reading, writer);
    this.reportMails = new SqliteReportMails(reading, writer);
    this.tlsReports = new SqliteTlsReports(reading, writer);
    this.tlsResults = new SqliteTlsResults(reading, writer, log);
    this.identityCounts = new SqliteIdentityCounts(reading, writer, log);
    this.reportCounts = new SqliteReportCounts(reading, writer);
    this.greylist = new SqliteGreylist(reading, writer, log);
    this.listHealth = new SqliteListHealths(reading, writer);
    this.relayTests = new SqliteRelayTests(reading, writer);
    this.published = new SqlitePublished(reading, writer);
    this.suspects = new SqliteSuspects(reading, writer);
    this.listQuestions = new SqliteListQuestions(reading, writer);
  }

  async recover(): Promise<void> {
    const at = this.#clock.now();
    const left = [{ kind: "collect" }, { kind: "end leases", at }] as const;
    await Promise.all(left.map((operation) => this.#writer.submit(operation)));
  }

  openMessage(): MessageDraft {
    return new Draft(this.#writer);
  }

  /** The writer goes last: the last connection to close copies the log into the file and removes it. */
  async close(): Promise<void> {
    this.#housekeeping.stop();
    await this.#writer.finish();
    this.#reading.close();
    this.directory.close();
    await this.#checkpointer.close();
    await this.#writer.end();
    this.#lock?.release();
  }

  #batchWritten(walPages: number): void {
    this.#checkpointer.logGrewTo(walPages);
    this.#housekeeping.batchWritten();
  }
}
