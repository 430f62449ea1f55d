/** Tests of other servers, on the writer thread: in the transaction of its batch. */
import {
  RELAY_TEST_RETURNS,
  StoreError,
  type RelayTest,
  type RelayTestCase,
  type RelayTestOutcome,
  type RelayTestReturn,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import type { RelayTestWrite } from "./relay-test-operations.ts";
import { integer } from "./values.ts";

/** Cases, and returns, forgotten in one step; a case with its transcript has some thousand octets. */
const PRUNE_ROWS = 200;

const DONE = { kind: "done" } as const;
const MORE = { kind: "more" } as const;
const GONE = { kind: "gone" } as const;

export class RelayTestWrites {
  readonly #begin;
  readonly #take;
  readonly #numberOf;
  readonly #expect;
  readonly #tried;
  readonly #testOf;
  readonly #last;
  readonly #came;
  readonly #conclude;
  readonly #oldest;
  readonly #dropReturns;
  readonly #dropCases;
  readonly #drop;

  constructor(connection: Connection) {
    this.#begin = connection.query(
      "INSERT INTO relay_test (id, about, target, at, holder, asked) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#take = connection.query(
      "UPDATE relay_test SET holder = ? WHERE id = ? AND holder = ? AND ended_at IS NULL",
    );
    this.#numberOf = connection.query("SELECT number FROM relay_test WHERE id = ?");
    this.#expect = connection.query(
      "INSERT INTO relay_test_case (test, token, at, planned) VALUES (?, ?, ?, ?)",
    );
    this.#tried = connection.query(
      "UPDATE relay_test_case SET tried_at = ?, outcome = ? WHERE token = ? AND tried_at IS NULL",
    );
    this.#testOf = connection.query("SELECT test FROM relay_test_case WHERE token = ?");
    this.#last = connection.query("SELECT max(number) FROM relay_test_return WHERE test = ?");
    this.#came = connection.query("INSERT INTO relay_test_return VALUES (?, ?, ?, ?, ?, ?)");
    this.#conclude = connection.query(
      "UPDATE relay_test SET found = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL",
    );
    this.#oldest = connection.query(
      `SELECT number FROM relay_test WHERE at < ?1 AND coalesce(
         (SELECT at FROM relay_test_case WHERE test = relay_test.number ORDER BY number DESC LIMIT 1),
         0) < ?1
       ORDER BY at LIMIT 1`,
    );
    this.#dropReturns = connection.query(
      `DELETE FROM relay_test_return WHERE (test, number) IN
         (SELECT test, number FROM relay_test_return WHERE test = ? LIMIT ${PRUNE_ROWS})`,
    );
    this.#dropCases = connection.query(
      `DELETE FROM relay_test_case WHERE number IN
         (SELECT number FROM relay_test_case WHERE test = ? LIMIT ${PRUNE_ROWS})`,
    );
    this.#drop = connection.query("DELETE FROM relay_test WHERE number = ?");
  }

  perform(write: RelayTestWrite): OperationResult {
    switch (write.kind) {
      case "begin":
        return this.#begun(write.test);
      case "take":
        return this.#take.run(write.holder, write.id, write.before) === 1 ? DONE : GONE;
      case "expect":
        return this.#expected(write.id, write.cases);
      case "keep outcome":
        return this.#outcome(write.outcome);
      case "keep return":
        return this.#returned(write.returned);
      case "conclude":
        this.#conclude.run(write.found, write.endedAt, write.id);
        return DONE;
      case "prune":
        return this.#prune(write.before);
    }
  }

  #begun({ id, about, target, at, holder, asked }: RelayTest): OperationResult {
    this.#begin.run(id, about, target, at, holder, asked);
    return DONE;
  }

  #expected(id: string, cases: readonly RelayTestCase[]): OperationResult {
    const row = this.#numberOf.row(id);
    if (row === undefined) throw new StoreError(`there is no relay test ${id} any more`);
    for (const { token, at, planned } of cases)
      this.#expect.run(integer(row[0]), token, at, planned);
    return DONE;
  }

  #outcome({ token, at, outcome }: RelayTestOutcome): OperationResult {
    if (this.#tried.run(at, outcome, token) === 1) return DONE;
    throw new StoreError(`no case of a relay test with token ${token} waits for its outcome`);
  }

  #returned({ token, kind, at, way }: RelayTestReturn): OperationResult {
    const row = this.#testOf.row(token);
    if (row === undefined) return DONE;
    const test = integer(row[0]);
    const last = this.#last.row(test)?.[0];
    const number = typeof last === "number" ? last + 1 : 1;
    if (number <= RELAY_TEST_RETURNS) this.#came.run(test, number, token, kind, at, way);
    return DONE;
  }

  /** One step, of the oldest test. */
  #prune(before: number): OperationResult {
    const row = this.#oldest.row(before);
    if (row === undefined) return DONE;
    const test = integer(row[0]);
    if (this.#dropReturns.run(test) === PRUNE_ROWS) return MORE;
    if (this.#dropCases.run(test) === PRUNE_ROWS) return MORE;
    this.#drop.run(test);
    return MORE;
  }
}
