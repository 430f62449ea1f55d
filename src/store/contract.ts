/**
 * What any store of Gatepost keeps and finds; it never decides. Each write is one transaction, and its
 * promise is kept only when the data is flushed to the disk: what was resolved survives a power cut. A broken or
 * slow store rejects (reads throw) with a `StoreError`; callers turn that into 451, never into 250. One
 * contract suite (test/contract) runs over every engine.
 */
import { OperatorError } from "../runtime/index.ts";
import type { Directory } from "./directory.ts";
import type { Greylist } from "./greylist.ts";
import type { IdentityCounts } from "./identity-counts.ts";
import type { Journal } from "./journal.ts";
import type { ListHealths } from "./list-health.ts";
import type { ListQuestions } from "./list-questions.ts";
import type { Maildrops } from "./maildrops.ts";
import type { MessageDraft } from "./messages.ts";
import type { Published } from "./published.ts";
import type { Queue } from "./queue.ts";
import type { RelayTests } from "./relay-tests.ts";
import type { ReportCounts } from "./report-counts.ts";
import type { ReportMails } from "./report-mails.ts";
import type { Sending } from "./sending.ts";
import type { StsPolicies } from "./sts-policies.ts";
import type { Suspects } from "./suspects.ts";
import type { TlsReports } from "./tls-reports.ts";
import type { TlsResults } from "./tls-results.ts";

export class StoreError extends OperatorError {
  override readonly name: string = "StoreError";
}

/** The store has its one server already: another process, or another part of this one. */
export class StoreInUse extends StoreError {
  override readonly name = "StoreInUse";
  readonly pid: number;

  constructor(store: string, pid: number) {
    super(`${store} is in use by a server that runs as process ${pid}`);
    this.pid = pid;
  }
}

export interface Store {
  readonly directory: Directory;
  readonly journal: Journal;
  readonly maildrops: Maildrops;
  readonly queue: Queue;
  readonly sending: Sending;
  readonly stsPolicies: StsPolicies;
  readonly reportMails: ReportMails;
  readonly tlsReports: TlsReports;
  readonly tlsResults: TlsResults;
  readonly identityCounts: IdentityCounts;
  readonly reportCounts: ReportCounts;
  readonly greylist: Greylist;
  readonly listHealth: ListHealths;
  readonly relayTests: RelayTests;
  readonly published: Published;
  readonly suspects: Suspects;
  readonly listQuestions: ListQuestions;
  /**
   * Drops what a crash left half done, and ends the leases of the server before, whose rows are then due and in doubt.
   * For the store's one server, once, before anybody can send it mail.
   */
  recover(): Promise<void>;
  /** Begins a message. Nothing of it can be seen before its commit. */
  openMessage(): MessageDraft;
  /** Writes what is pending and lets go of the files. */
  close(): Promise<void>;
}
