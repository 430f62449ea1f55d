/** Leases: rows are claimed, given back, and taken over from owners that were not heard of again. */
import {
  StoreError,
  type Claim,
  type Claimed,
  type ClaimedRow,
  type Lease,
  type QueueId,
  type QueueState,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import { Destinations } from "./destinations.ts";
import { LeasedRows, LEASED_COLUMNS, leasedRow, type LeasedRow } from "./leased-rows.ts";
import { QUEUE_COLUMNS, queueRow } from "./queue-row.ts";
import { QueueRows } from "./queue-rows.ts";
import { integer, type Row } from "./values.ts";

type ClaimedDestination = Claimed["destinations"][number];

export class QueueClaims {
  readonly #rows;
  readonly #leasedRows;
  readonly #destinations;
  readonly #raiseFence;
  readonly #due;
  readonly #lease;
  readonly #extend;
  readonly #giveBack;
  readonly #leased;
  readonly #holdUnsettled;
  readonly #freeUnsettled;

  constructor(connection: Connection) {
    this.#rows = new QueueRows(connection);
    this.#leasedRows = new LeasedRows(connection);
    this.#destinations = new Destinations(connection);
    this.#raiseFence = connection.query(
      "UPDATE property SET value = value + 1 WHERE name = 'queue_fence' RETURNING value",
    );
    this.#due = connection.query(
      `SELECT ${QUEUE_COLUMNS}, ${LEASED_COLUMNS} FROM queue INDEXED BY queue_by_due
       WHERE destination = ? AND due_at <= ? ORDER BY due_at LIMIT ?`,
    );
    this.#lease = connection.query(
      `UPDATE queue SET lease_owner = ?, lease_fence = ?, due_at = ?, attempts = ?, in_doubt = ?
       WHERE id = ?`,
    );
    this.#extend = connection.query(
      "UPDATE queue SET due_at = ? WHERE id = ? AND lease_owner = ? AND lease_fence = ?",
    );
    this.#giveBack = connection.query(
      `UPDATE queue SET lease_owner = NULL, lease_fence = NULL,
         due_at = CASE wish WHEN 'hold' THEN NULL ELSE ? END WHERE id = ?`,
    );
    this.#leased = connection.query(
      `SELECT ${LEASED_COLUMNS} FROM queue INDEXED BY queue_under_way
       WHERE lease_owner IS NOT NULL`,
    );
    this.#holdUnsettled = connection.query(
      `UPDATE queue SET lease_owner = NULL, lease_fence = NULL, due_at = NULL,
         attempts = attempts + 1, in_doubt = 1 WHERE id = ?`,
    );
    this.#freeUnsettled = connection.query(
      `UPDATE queue SET lease_owner = NULL, lease_fence = NULL, due_at = ?,
         attempts = attempts + 1, in_doubt = 1 WHERE id = ?`,
    );
  }

  claim(claim: Claim): Claimed | undefined {
    if (claim.destinations < 1 || claim.perDestination < 1) throw new StoreError("an empty claim");
    let names = this.#destinations.due(claim.at, claim.destinations);
    if (names.length === 0) return undefined; // nothing is written, so nothing is flushed
    const lease = { owner: claim.owner, fence: integer(this.#raiseFence.row()?.[0]) };
    const found: ClaimedDestination[] = [];
    // Those of which as many as may be are under way already are looked at too, and go out of the line.
    while (names.length > 0) {
      found.push(...names.flatMap((name) => this.#claimOf(name, claim, lease) ?? []));
      names = this.#destinations.due(claim.at, claim.destinations - found.length);
    }
    return found.length === 0 ? undefined : { lease, destinations: found };
  }

  extend({ owner, fence }: Lease, rows: readonly QueueId[], until: number): void {
    for (const id of rows) this.#extend.run(until, id, owner, fence);
  }

  giveBack(lease: Lease, rows: readonly QueueId[], at: number): void {
    for (const id of rows) {
      const row = this.#leasedRows.find(lease, id);
      if (row === undefined) continue;
      if (row.wish === "remove") this.#rows.remove(row);
      else this.#giveBack.run(at, id);
      this.#destinations.changed(row.destination, at);
    }
  }

  /** Ends all leases: the store has one server, and this is a new one. */
  takeAll(at: number): void {
    for (const row of this.#leased.rows()) {
      const found = leasedRow(row);
      if (found.wish === "send") this.#freeUnsettled.run(at, found.id);
      else this.#endUnsettled(found);
      this.#destinations.changed(found.destination, at);
    }
  }

  #claimOf(destination: string, claim: Claim, lease: Lease): ClaimedDestination | undefined {
    const { at, perDestination } = claim;
    const free = perDestination - this.#destinations.underWay(destination, at);
    const due = free <= 0 ? [] : this.#due.rows(destination, at, free);
    const taken = due.flatMap((row) => this.#take(row, claim, lease) ?? []);
    if (taken.length >= free) this.#destinations.full(destination, at);
    else this.#destinations.changed(destination, at);
    return taken.length === 0 ? undefined : { destination, rows: taken };
  }

  /** Undefined: its lease ended unsettled, and an operator wished something else than another attempt. */
  #take(row: Row, { owner, until }: Claim, { fence }: Lease): ClaimedRow | undefined {
    const before = queueRow(row);
    const unsettled = before.state.kind === "under way";
    if (before.state.kind === "under way" && before.state.wish !== "send") {
      this.#endUnsettled(leasedRow(row.slice(-4)));
      return undefined;
    }
    const attempts = before.attempts + (unsettled ? 1 : 0);
    const inDoubt = before.inDoubt || unsettled;
    this.#lease.run(owner, fence, until, attempts, inDoubt ? 1 : 0, before.id);
    const state = { kind: "under way", owner, until, wish: "send" } as const;
    return { ...before, attempts, inDoubt, state, dueSince: dueAt(before.state) };
  }

  /** What its owner would have done at the end of the attempt. */
  #endUnsettled(row: LeasedRow): void {
    if (row.wish === "remove") this.#rows.remove(row);
    else this.#holdUnsettled.run(row.id);
  }
}

function dueAt(state: QueueState): number {
  switch (state.kind) {
    case "waiting":
      return state.dueAt;
    case "under way":
      return state.until;
    case "held":
      throw new StoreError("what is held was found as due");
  }
}
