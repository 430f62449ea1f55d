/** Rows under a lease, as far as its end has to know them. */
import type { Lease, QueueId, QueueWish } from "../index.ts";
import type { Connection } from "./connection.ts";
import { queueId } from "./queue-row.ts";
import type { KnownRow } from "./queue-rows.ts";
import { integer, text, type Row } from "./values.ts";

export interface LeasedRow extends KnownRow {
  /** What is to become of it when its attempt has ended. */
  readonly wish: QueueWish;
}

/** In the order in which `leasedRow` reads them. */
export const LEASED_COLUMNS = "id, message, destination, wish";

export class LeasedRows {
  readonly #find;

  constructor(connection: Connection) {
    this.#find = connection.query(
      `SELECT ${LEASED_COLUMNS} FROM queue WHERE id = ? AND lease_owner = ? AND lease_fence = ?`,
    );
  }

  /** Undefined: the row is not under this lease, or not any more. */
  find({ owner, fence }: Lease, id: QueueId): LeasedRow | undefined {
    const row = this.#find.row(id, owner, fence);
    return row && leasedRow(row);
  }
}

export function leasedRow([id, message, destination, wish]: Row): LeasedRow {
  return {
    id: queueId(id),
    message: integer(message),
    destination: text(destination),
    wish: text(wish) as QueueWish, // the table's check holds the words
  };
}
