/**
 * The directory: reads on the calling thread's reading connection; a change, a look at what would result and
 * the commit are one transaction on a connection of their own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { MailboxId } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import type {
  ChangeResult,
  Directory,
  DirectoryChange,
  DirectoryReads,
  PeerSeen,
} from "../index.ts";
import { Connection, isBusy, wordsOf } from "./connection.ts";
import { DirectoryChanges } from "./directory-changes.ts";
import { SqliteDirectoryReads } from "./directory-reads.ts";
import type { Operation } from "./operations.ts";
import type { WriterThread } from "./writer-thread.ts";

/**
 * How a change waits for other processes' writes: so often, so long between, in all about ten seconds. Short
 * pauses, because a busy server leaves short gaps.
 */
const ATTEMPTS = 3000;
const PAUSE_MS = 3;

export interface DirectoryOptions {
  readonly file: string;
  readonly reading: Connection;
  /** Stands still during a change: this thread does not wait for its own writer. */
  readonly writer: WriterThread;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Looks at the directory that would result. */
type Inspect = (after: DirectoryReads) => boolean | Promise<boolean>;

export class SqliteDirectory extends SqliteDirectoryReads implements Directory {
  readonly #options: DirectoryOptions;
  #changing: Changing | undefined;

  constructor(options: DirectoryOptions) {
    super(options.reading);
    this.#options = options;
  }

  change(change: DirectoryChange, inspect: Inspect): Promise<ChangeResult> {
    return this.#options.writer.alone(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          this.#changing ??= new Changing(this.#options.file, this.#options.now);
          return await this.#changing.attempt(change, inspect);
        } catch (error) {
          if (!isBusy(error) || attempt === ATTEMPTS) throw error;
        }
        await sleep(PAUSE_MS);
      }
    });
  }

  noteAppPasswordUse(mailbox: MailboxId, name: string, at: number): void {
    this.#note(
      { kind: "app-password-used", mailbox, name, at },
      name,
      "the use of an app password",
    );
  }

  noteCertificateUse(key: string, at: number): void {
    this.#note({ kind: "certificate-used", key, at }, key, "the use of a certificate");
  }

  notePeerSeen(name: string, seen: PeerSeen): void {
    this.#note({ kind: "peer-seen", name, seen }, name, "the sight of a peer");
  }

  #note(note: Operation, name: string, what: string): void {
    const { writer, log } = this.#options;
    writer
      .submitUnhurried(() => note)
      .catch((error: unknown) => {
        log.warn(`store lost ${what}`, { name, problem: wordsOf(error) });
      });
  }

  close(): void {
    this.#changing?.close();
  }
}

/** The connection for changes. */
class Changing {
  readonly #connection: Connection;
  readonly #reads: SqliteDirectoryReads;
  readonly #changes: DirectoryChanges;

  constructor(file: string, now: () => number) {
    this.#connection = new Connection({ file, purpose: "write", busyTimeoutMs: 0 });
    this.#reads = new SqliteDirectoryReads(this.#connection);
    this.#changes = new DirectoryChanges(this.#connection, this.#reads, now);
  }

  /** Throws a busy error, with nothing done, while somebody else writes. */
  attempt(change: DirectoryChange, inspect: Inspect): Promise<ChangeResult> {
    return this.#connection.longTransaction(
      () => this.#applied(change, inspect),
      (result) => result.kind === "changed",
    );
  }

  close(): void {
    this.#connection.close();
  }

  async #applied(change: DirectoryChange, inspect: Inspect): Promise<ChangeResult> {
    const problem = this.#changes.apply(change);
    if (problem !== undefined) return { kind: "conflict", problem };
    return (await inspect(this.#reads)) ? { kind: "changed" } : { kind: "rejected" };
  }
}
