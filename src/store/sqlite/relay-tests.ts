/** Tests of other servers in the file: read by the calling thread, written by the writer's. */
import {
  RELAY_RETURN_KINDS,
  type RelayTest,
  type RelayTestCase,
  type RelayTestOutcome,
  type RelayTestQuery,
  type RelayTestReturn,
  type RelayTests,
  type StoredRelayTest,
  type StoredRelayTestCase,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import type { RelayTestWrite } from "./relay-test-operations.ts";
import { integer, oneOf, optionalInteger, optionalText, text, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

const TEST = `
  SELECT id, about, target, at, holder, asked, ended_at, found,
    (SELECT count(tried_at) FROM relay_test_case WHERE test = relay_test.number),
    (SELECT count(*) FROM relay_test_return WHERE test = relay_test.number AND kind = 'relay'),
    (SELECT count(*) FROM relay_test_return WHERE test = relay_test.number AND kind = 'report')
  FROM relay_test`;

/** Of those that began in the same millisecond, the later number is the later one. */
const LATEST_FIRST = `
  AND (?1 IS NULL OR (at, number) < (SELECT at, number FROM relay_test WHERE id = ?1))
  ORDER BY at DESC, number DESC LIMIT ?2`;

export class SqliteRelayTests implements RelayTests {
  readonly #writer: WriterThread;
  readonly #isKnown;
  readonly #testOf;
  readonly #count;
  readonly #find;
  readonly #all;
  readonly #unfinished;
  readonly #about;
  readonly #cases;
  readonly #returns;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#isKnown = connection.query(
      "SELECT 1 FROM relay_test_case WHERE token = ? AND max(at, coalesce(tried_at, at)) >= ?",
    );
    this.#testOf = connection.query(
      "SELECT id FROM relay_test WHERE number = (SELECT test FROM relay_test_case WHERE token = ?)",
    );
    this.#count = connection.query("SELECT count(*) FROM relay_test WHERE about = ? AND at >= ?");
    this.#find = connection.query(`${TEST} WHERE id = ?`);
    this.#all = connection.query(`${TEST} WHERE TRUE ${LATEST_FIRST}`);
    this.#unfinished = connection.query(`${TEST} WHERE ended_at IS NULL ${LATEST_FIRST}`);
    this.#about = connection.query(
      `${TEST} WHERE about = ?3 AND (?4 = 0 OR ended_at IS NULL) ${LATEST_FIRST}`,
    );
    this.#cases = connection.query(
      `SELECT token, at, planned, tried_at, outcome FROM relay_test_case
       WHERE test = (SELECT number FROM relay_test WHERE id = ?) ORDER BY number`,
    );
    this.#returns = connection.query(
      `SELECT token, kind, at, way FROM relay_test_return
       WHERE test = (SELECT number FROM relay_test WHERE id = ?) ORDER BY number`,
    );
  }

  async begin(test: RelayTest): Promise<void> {
    await this.#write({ kind: "begin", test });
  }

  async take(id: string, before: string, holder: string): Promise<boolean> {
    const result = await this.#write({ kind: "take", id, before, holder });
    return result.kind === "done";
  }

  async expect(id: string, cases: readonly RelayTestCase[]): Promise<void> {
    await this.#write({ kind: "expect", id, cases });
  }

  async tried(outcome: RelayTestOutcome): Promise<void> {
    await this.#write({ kind: "keep outcome", outcome });
  }

  isKnown(token: string, since: number): boolean {
    return this.#isKnown.row(token, since) !== undefined;
  }

  testOf(token: string): string | undefined {
    const row = this.#testOf.row(token);
    return row && text(row[0]);
  }

  async came(returned: RelayTestReturn): Promise<void> {
    await this.#write({ kind: "keep return", returned });
  }

  async conclude(
    id: string,
    { found, endedAt }: { readonly found: string; readonly endedAt?: number },
  ): Promise<void> {
    const end = { found, endedAt: endedAt ?? null };
    await this.#write({ kind: "conclude", id, ...end });
  }

  async countSince(about: string, since: number): Promise<number> {
    return integer(this.#count.row(about, since)?.[0]);
  }

  async find(id: string): Promise<StoredRelayTest | undefined> {
    const row = this.#find.row(id);
    return row && storedTest(row);
  }

  async list({ about, unfinished, before, limit }: RelayTestQuery) {
    const page = [before ?? null, limit] as const;
    const rows =
      about !== undefined
        ? this.#about.rows(...page, about, unfinished === true ? 1 : 0)
        : (unfinished === true ? this.#unfinished : this.#all).rows(...page);
    return rows.map(storedTest);
  }

  async cases(id: string): Promise<readonly StoredRelayTestCase[]> {
    return this.#cases.rows(id).map(storedCase);
  }

  async returns(id: string): Promise<readonly RelayTestReturn[]> {
    return this.#returns.rows(id).map(storedReturn);
  }

  #write(write: RelayTestWrite): Promise<OperationResult> {
    return this.#writer.submit({ kind: "relay test", write });
  }

  async prune(before: number): Promise<void> {
    const write = { kind: "prune", before } as const;
    await this.#writer.submitSteps({ kind: "relay test", write });
  }
}

function storedTest(row: Row): StoredRelayTest {
  const [id, about, target, at, holder, asked] = row;
  const [ended, json, tried, relays, reports] = row.slice(6);
  const [endedAt, found] = [optionalInteger(ended), optionalText(json)];
  return {
    id: text(id),
    about: text(about),
    target: text(target),
    at: integer(at),
    holder: text(holder),
    asked: text(asked),
    ...(endedAt !== undefined && { endedAt }),
    ...(found !== undefined && { found }),
    tried: integer(tried),
    relays: integer(relays),
    reports: integer(reports),
  };
}

function storedCase([token, at, planned, tried, json]: Row): StoredRelayTestCase {
  const [triedAt, outcome] = [optionalInteger(tried), optionalText(json)];
  return {
    token: text(token),
    at: integer(at),
    planned: text(planned),
    ...(triedAt !== undefined && { triedAt }),
    ...(outcome !== undefined && { outcome }),
  };
}

function storedReturn([token, kind, at, way]: Row): RelayTestReturn {
  return {
    token: text(token),
    kind: oneOf(RELAY_RETURN_KINDS, kind),
    at: integer(at),
    way: text(way),
  };
}
