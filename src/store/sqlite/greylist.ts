/** Greylisting's memory in the file: read by the calling thread, noted there, written and bounded by the writer's. */
import type { Log } from "../../runtime/index.ts";
import type { Greylist, GreylistBounds, GreylistTriplet } from "../index.ts";
import { wordsOf, type Connection } from "./connection.ts";
import type { FreshAttempt, FreshPass, GreylistOperation, OperationResult } from "./operations.ts";
import { integer } from "./values.ts";
import { WaitingCounts } from "./waiting-counts.ts";
import type { WriterThread } from "./writer-thread.ts";

/** Rows forgotten in one step. */
const PRUNE_ROWS = 500;

export class SqliteGreylist implements Greylist {
  readonly #writer: WriterThread;
  readonly #attempts: WaitingCounts<FreshAttempt>;
  readonly #passes: WaitingCounts<FreshPass>;
  readonly #passedAt;
  readonly #firstTried;

  constructor(connection: Connection, writer: WriterThread, log: Log) {
    this.#writer = writer;
    const beyond = (): undefined => undefined; // it is made again
    const lost = (notes: readonly unknown[], error: unknown): void =>
      log.warn("store lost greylist notes", { notes: notes.length, problem: wordsOf(error) });
    this.#attempts = new WaitingCounts<FreshAttempt>(writer, {
      keyOf: ({ network, sender, recipient }) => `${network} ${sender} ${recipient}`,
      together: (before) => before,
      beyond,
      operation: (attempts) => ({ kind: "note greylist attempts", attempts }),
      lost,
    });
    this.#passes = new WaitingCounts<FreshPass>(writer, {
      keyOf: ({ network }) => network,
      together: (_before, one) => one,
      beyond,
      operation: (passes) => ({ kind: "note greylist passes", passes }),
      lost,
    });
    this.#passedAt = connection.query("SELECT passed_at FROM greylist_network WHERE network = ?");
    this.#firstTried = connection.query(
      "SELECT first_at FROM greylist_attempt WHERE network = ? AND sender = ? AND recipient = ?",
    );
  }

  passedAt(network: string): number | undefined {
    const row = this.#passedAt.row(network);
    return row === undefined ? undefined : integer(row[0]);
  }

  firstTried({ network, sender, recipient }: GreylistTriplet): number | undefined {
    const row = this.#firstTried.row(network, sender, recipient);
    return row === undefined ? undefined : integer(row[0]);
  }

  noteAttempt(
    triplet: GreylistTriplet,
    time: { readonly at: number; readonly since: number },
  ): void {
    this.#attempts.add({ ...triplet, ...time });
  }

  notePassed(network: string, at: number): void {
    this.#passes.add({ network, at });
  }

  async prune(bounds: GreylistBounds): Promise<void> {
    await Promise.all([this.#attempts.flush(), this.#passes.flush()]);
    await this.#writer.submitSteps({ kind: "prune greylist", bounds });
  }
}

/** In the transaction of the writer's batch. */
export class GreylistWrites {
  readonly #attempt;
  readonly #pass;
  readonly #attempts;
  readonly #networks;

  constructor(connection: Connection) {
    this.#attempt = connection.query(
      `INSERT INTO greylist_attempt VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET first_at = excluded.first_at WHERE first_at NOT BETWEEN ?5 AND ?4`,
    );
    this.#pass = connection.query(
      `INSERT INTO greylist_network VALUES (?, ?)
       ON CONFLICT DO UPDATE SET passed_at = max(passed_at, excluded.passed_at)`,
    );
    this.#attempts = forgetting(connection, {
      table: "greylist_attempt",
      key: "network, sender, recipient",
      time: "first_at",
    });
    this.#networks = forgetting(connection, {
      table: "greylist_network",
      key: "network",
      time: "passed_at",
    });
  }

  perform(operation: GreylistOperation): OperationResult {
    switch (operation.kind) {
      case "note greylist attempts":
        return this.#noteAttempts(operation.attempts);
      case "note greylist passes":
        return this.#notePasses(operation.passes);
      case "prune greylist":
        return this.#prune(operation.bounds);
    }
  }

  #noteAttempts(attempts: readonly FreshAttempt[]): OperationResult {
    for (const { network, sender, recipient, at, since } of attempts)
      this.#attempt.run(network, sender, recipient, at, since);
    return { kind: "done" };
  }

  #notePasses(passes: readonly FreshPass[]): OperationResult {
    for (const { network, at } of passes) this.#pass.run(network, at);
    return { kind: "done" };
  }

  #prune({ attemptsSince, networksSince, attempts, networks }: GreylistBounds): OperationResult {
    const more = [
      this.#attempts(attemptsSince, attempts),
      this.#networks(networksSince, networks),
    ].includes(true);
    return { kind: more ? "more" : "done" };
  }
}

/** One step: what is too old goes, then the oldest of what is too much. True where more may have to. */
function forgetting(
  connection: Connection,
  { table, key, time }: { readonly table: string; readonly key: string; readonly time: string },
): (since: number, most: number) => boolean {
  const old = connection.query(
    `DELETE FROM ${table} WHERE (${key}) IN
       (SELECT ${key} FROM ${table} WHERE ${time} < ? LIMIT ${PRUNE_ROWS})`,
  );
  const count = connection.query(`SELECT count(*) FROM ${table}`);
  const oldest = connection.query(
    `DELETE FROM ${table} WHERE (${key}) IN
       (SELECT ${key} FROM ${table} ORDER BY ${time} LIMIT ?)`,
  );
  return (since, most) => {
    if (old.run(since) === PRUNE_ROWS) return true;
    const excess = integer(count.row()?.[0]) - most;
    return excess > 0 && oldest.run(Math.min(excess, PRUNE_ROWS)) === PRUNE_ROWS;
  };
}
