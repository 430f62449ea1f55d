/** The queue's operations on the writer thread. */
import { StoreError } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { Deposits } from "./deposits.ts";
import type { JournalWrites } from "./journal-writes.ts";
import type { OperationResult, QueueOperation } from "./operations.ts";
import { QueueActions } from "./queue-actions.ts";
import { QueueClaims } from "./queue-claims.ts";
import { QueueSettlements } from "./queue-settlements.ts";

const DONE = { kind: "done" } as const;

export class QueueTasks {
  readonly #claims;
  readonly #settlements;
  readonly #actions;

  constructor(connection: Connection, deposits: Deposits, journal: JournalWrites) {
    this.#claims = new QueueClaims(connection);
    this.#settlements = new QueueSettlements(connection, deposits, journal);
    this.#actions = new QueueActions(connection);
  }

  perform(operation: QueueOperation, arrays: readonly Uint8Array[]): OperationResult {
    switch (operation.kind) {
      case "claim": {
        const claimed = this.#claims.claim(operation.claim);
        return { kind: "claimed", ...(claimed !== undefined && { claimed }) };
      }
      case "extend":
        this.#claims.extend(operation.lease, operation.rows, operation.until);
        return DONE;
      case "give back":
        this.#claims.giveBack(operation.lease, operation.rows, operation.at);
        return DONE;
      case "settle":
        return this.#settlements.settle(operation.settlement, reportOctets(arrays));
      case "act": {
        const { action, at, filter, page } = operation;
        return { kind: "acted", page: this.#actions.act(action, at, filter, page) };
      }
      case "end leases":
        this.#claims.takeAll(operation.at);
        return DONE;
    }
  }
}

function reportOctets([head, content]: readonly Uint8Array[]) {
  if (head === undefined) return undefined;
  if (content === undefined) throw new StoreError("a report came without its content");
  return { head, content };
}
