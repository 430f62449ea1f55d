/** Hosts that were reported as open relays, in the file: read by the calling thread, written by the writer's. */
import {
  REPORT_ORIGINS,
  type StoredSuspect,
  type SuspectEdit,
  type SuspectQuery,
  type SuspectReport,
  type Suspects,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, oneOf, optionalInteger, text, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

const SUSPECT = "SELECT ip, number, standing, due, facts, at FROM suspect";

export class SqliteSuspects implements Suspects {
  readonly #writer: WriterThread;
  readonly #find;
  readonly #due;
  readonly #countDue;
  readonly #all;
  readonly #standing;
  readonly #reports;
  readonly #count;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#find = connection.query(`${SUSPECT} WHERE ip = ?`);
    this.#due = connection.query(`${SUSPECT} WHERE due <= ? ORDER BY due, ip LIMIT ?`);
    this.#countDue = connection.query(
      "SELECT count(*) FROM (SELECT 1 FROM suspect WHERE due <= ? LIMIT ?)",
    );
    this.#all = connection.query(`${SUSPECT} WHERE ip > ? ORDER BY ip LIMIT ?`);
    this.#standing = connection.query(
      `${SUSPECT} WHERE ip > ? AND standing = ?3 ORDER BY ip LIMIT ?2`,
    );
    this.#reports = connection.query(
      "SELECT at, origin, reporter, cause FROM suspect_report WHERE ip = ? ORDER BY number DESC LIMIT ?",
    );
    this.#count = connection.query(
      "SELECT count(*) FROM suspect_report WHERE reporter = ? AND at >= ?",
    );
  }

  find(ip: string): StoredSuspect | undefined {
    const row = this.#find.row(ip);
    return row && storedSuspect(row);
  }

  due(now: number, limit: number): readonly StoredSuspect[] {
    return this.#due.rows(now, limit).map(storedSuspect);
  }

  countDue(now: number, limit: number): number {
    return integer(this.#countDue.row(now, limit)?.[0]);
  }

  async apply(edit: SuspectEdit): Promise<boolean> {
    const result = await this.#writer.submit({ kind: "suspect", write: { kind: "apply", edit } });
    return result.kind === "done";
  }

  async list({ standing, after = "", limit }: SuspectQuery): Promise<readonly StoredSuspect[]> {
    const rows =
      standing === undefined
        ? this.#all.rows(after, limit)
        : this.#standing.rows(after, limit, standing);
    return rows.map(storedSuspect);
  }

  async reports(ip: string, limit: number): Promise<readonly SuspectReport[]> {
    return this.#reports.rows(ip, limit).map(storedReport);
  }

  async countReports(by: string, since: number): Promise<number> {
    return integer(this.#count.row(by, since)?.[0]);
  }

  async prune(before: number, reports: number): Promise<void> {
    const write = { kind: "prune", before, reports } as const;
    await this.#writer.submitSteps({ kind: "suspect", write });
  }
}

function storedSuspect([ip, number, standing, due, facts, at]: Row): StoredSuspect {
  const dueAt = optionalInteger(due ?? null);
  return {
    ip: text(ip),
    version: integer(number),
    standing: text(standing),
    ...(dueAt !== undefined && { due: dueAt }),
    facts: text(facts),
    at: integer(at),
  };
}

function storedReport([at, origin, reporter, cause]: Row): SuspectReport {
  return {
    at: integer(at),
    origin: oneOf(REPORT_ORIGINS, origin),
    by: text(reporter),
    cause: text(cause),
  };
}
