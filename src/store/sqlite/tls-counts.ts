/** What we saw of TLS, counted inside a transaction; and forgotten day by day. */
import { TLS_RESULT_ROWS_PER_DAY } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { FreshTlsCount, OperationResult } from "./operations.ts";
import { integer } from "./values.ts";

/** Rows forgotten in one step. */
const PRUNE_ROWS = 500;

export class TlsCounts {
  readonly #update;
  readonly #insert;
  readonly #ofDay;
  readonly #prune;

  constructor(connection: Connection) {
    this.#update = connection.query(
      `UPDATE tls_result SET sessions = sessions + ?, first_at = min(first_at, ?), last_at = max(last_at, ?),
         ip = ?, detail = ?, policy = ?
       WHERE day = ? AND domain = ? AND policy_type = ? AND result = ? AND mx = ?`,
    );
    this.#insert = connection.query(
      `INSERT INTO tls_result (sessions, first_at, last_at, ip, detail, policy, day, domain, policy_type, result, mx)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#ofDay = connection.query("SELECT count(*) FROM tls_result WHERE day = ?");
    this.#prune = connection.query(
      `DELETE FROM tls_result WHERE id IN (SELECT id FROM tls_result WHERE day < ? LIMIT ${PRUNE_ROWS})`,
    );
  }

  add(counts: readonly FreshTlsCount[]): void {
    const rows = new Map<number, number>();
    for (const count of counts) {
      if (this.#update.run(...values(count)) === 1) continue;
      const there = rows.get(count.day) ?? integer(this.#ofDay.row(count.day)?.[0]);
      const own = there < TLS_RESULT_ROWS_PER_DAY ? count : ofNobody(count);
      rows.set(count.day, there + 1);
      if (own === count || this.#update.run(...values(own)) === 0) this.#insert.run(...values(own));
    }
  }

  prune(beforeDay: number): OperationResult {
    return { kind: this.#prune.run(beforeDay) === PRUNE_ROWS ? "more" : "done" };
  }
}

/** There is no room for a counter of its own. */
export function ofNobody(count: FreshTlsCount): FreshTlsCount {
  return { ...count, domain: "", mx: "", ip: "", detail: "", policy: [], policyHosts: [] };
}

function values(count: FreshTlsCount) {
  const { sessions, firstAt, lastAt, ip, detail, policy, policyHosts } = count;
  const { day, domain, policyType, result, mx } = count;
  const json = JSON.stringify([policy, policyHosts]);
  const now = [sessions, firstAt, lastAt, ip, detail, json] as const;
  return [...now, day, domain, policyType, result, mx] as const;
}
