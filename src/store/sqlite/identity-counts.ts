/** How well it was known who wrote to us: counted on the calling thread, written by the writer's, summed up for whoever asks. */
import { IDENTITY_LEVELS, type Domain } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import {
  IDENTITY_ROWS_PER_DAY,
  type IdentityCount,
  type IdentityCounts,
  type SeenIdentity,
} from "../index.ts";
import { wordsOf, type Connection } from "./connection.ts";
import type { FreshIdentityCount, OperationResult } from "./operations.ts";
import { integer, oneOf, text, type Row } from "./values.ts";
import { WaitingCounts } from "./waiting-counts.ts";
import type { WriterThread } from "./writer-thread.ts";

const DAY_MS = 86_400_000;

/** Those of a day that have no counter of their own any more. No domain is called so. */
const TOGETHER = "*";

/** Rows forgotten in one step. */
const PRUNE_ROWS = 500;

export class SqliteIdentityCounts implements IdentityCounts {
  readonly #writer: WriterThread;
  readonly #counts: WaitingCounts<FreshIdentityCount>;
  readonly #since;

  constructor(connection: Connection, writer: WriterThread, log: Log) {
    this.#writer = writer;
    this.#counts = new WaitingCounts(writer, {
      keyOf: ({ day, domain, level }) => `${day} ${domain} ${level}`,
      together: (before, one) => ({ ...one, messages: before.messages + one.messages }),
      beyond: (one) => ({ ...one, domain: TOGETHER }),
      operation: (counts) => ({ kind: "count identities", counts }),
      lost: (counts, error) => {
        const messages = counts.reduce((sum, count) => sum + count.messages, 0);
        log.warn("store lost identity counts", { messages, problem: wordsOf(error) });
      },
    });
    this.#since = connection.query(
      `SELECT domain, level, sum(messages) FROM identity_count WHERE day >= ?
       GROUP BY domain, level ORDER BY domain, level`,
    );
  }

  note({ at, domain, level }: SeenIdentity): void {
    this.#counts.add({ day: Math.floor(at / DAY_MS), domain, level, messages: 1 });
  }

  async since(day: number): Promise<readonly IdentityCount[]> {
    await this.#counts.flush();
    return this.#since.rows(day).map(identityCount);
  }

  async prune(beforeDay: number): Promise<void> {
    await this.#writer.submitSteps({ kind: "prune identity counts", beforeDay });
  }
}

function identityCount([domain, level, messages]: Row): IdentityCount {
  const name = text(domain);
  return {
    domain: name === TOGETHER ? undefined : (name as Domain | ""), // as it was written
    level: oneOf(IDENTITY_LEVELS, level),
    messages: integer(messages),
  };
}

/** In the transaction of the writer's batch. */
export class IdentityCountWrites {
  readonly #add;
  readonly #there;
  readonly #ofDay;
  readonly #prune;

  constructor(connection: Connection) {
    this.#add = connection.query(
      `INSERT INTO identity_count VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET messages = messages + excluded.messages`,
    );
    this.#there = connection.query(
      "SELECT 1 FROM identity_count WHERE day = ? AND domain = ? AND level = ?",
    );
    this.#ofDay = connection.query("SELECT count(*) FROM identity_count WHERE day = ?");
    this.#prune = connection.query(
      `DELETE FROM identity_count WHERE (day, domain, level) IN
         (SELECT day, domain, level FROM identity_count WHERE day < ? LIMIT ${PRUNE_ROWS})`,
    );
  }

  add(counts: readonly FreshIdentityCount[]): void {
    // The rows of a day are counted once for all these counts: strangers choose how many domains there are.
    const rows = new Map<number, number>();
    for (const { day, domain, level, messages } of counts) {
      if (this.#there.row(day, domain, level) !== undefined) {
        this.#add.run(day, domain, level, messages);
        continue;
      }
      const there = rows.get(day) ?? integer(this.#ofDay.row(day)?.[0]);
      rows.set(day, there + 1);
      this.#add.run(day, there < IDENTITY_ROWS_PER_DAY ? domain : TOGETHER, level, messages);
    }
  }

  prune(beforeDay: number): OperationResult {
    return { kind: this.#prune.run(beforeDay) === PRUNE_ROWS ? "more" : "done" };
  }
}
