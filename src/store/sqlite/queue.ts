/** The queue: changed by the writer, looked at on the calling thread's connection. */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  StoreError,
  type Claim,
  type Claimed,
  type Lease,
  type Queue,
  type QueueAction,
  type QueueCounts,
  type QueueFilter,
  type QueueId,
  type QueuePage,
  type QueueShape,
  type Settlement,
  type SettleResult,
  type ShapePage,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import { Content, storedMessage } from "./content.ts";
import type { ActedPage, OperationResult, StoredSettlement } from "./operations.ts";
import { exactCopy } from "./piece.ts";
import { QueueFigures } from "./queue-figures.ts";
import { QueueSearch, type FoundPage } from "./queue-search.ts";
import { integer, octets } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

export class SqliteQueue implements Queue {
  readonly #writer: WriterThread;
  readonly #search;
  readonly #figures;
  readonly #content;
  readonly #small;
  readonly #message;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#search = new QueueSearch(connection);
    this.#figures = new QueueFigures(connection);
    this.#content = new Content(connection);
    this.#small = connection.query(
      `SELECT substr(head, kept_octets + 1), content FROM queue
       JOIN message ON message.id = queue.message
       WHERE queue.id = ? AND queue.octets <= ? AND body IS NULL`,
    );
    this.#message = connection.query(
      `SELECT message.id, message.octets, length(head), body, kept_octets FROM queue
       JOIN message ON message.id = queue.message WHERE queue.id = ?`,
    );
  }

  async claim(claim: Claim): Promise<Claimed | undefined> {
    if ((this.nextDue() ?? Infinity) > claim.at) return undefined; // the writer need not be asked
    const result = await this.#writer.submit({ kind: "claim", claim });
    if (result.kind !== "claimed") throw unexpected(result);
    return result.claimed;
  }

  nextDue(): number | undefined {
    return this.#figures.nextDue();
  }

  async extend(lease: Lease, rows: readonly QueueId[], until: number): Promise<void> {
    await this.#writer.submit({ kind: "extend", lease, rows, until });
  }

  async giveBack(lease: Lease, rows: readonly QueueId[], at: number): Promise<void> {
    await this.#writer.submit({ kind: "give back", lease, rows, at });
  }

  async settle({ report, record, ...rest }: Settlement): Promise<SettleResult> {
    const settlement: StoredSettlement = {
      ...rest,
      ...(record !== undefined && { record: { ...record, count: 1, lastAt: record.at } }),
    };
    const result = await (report === undefined
      ? this.#writer.submit({ kind: "settle", settlement })
      : this.#settleWith(report, settlement));
    if (result.kind === "settled" || result.kind === "lease lost") return result;
    throw unexpected(result);
  }

  read(row: QueueId, offset: number, limit: number): Uint8Array | undefined {
    const small = offset === 0 && this.#small.row(row, limit);
    if (small) return Buffer.concat([octets(small[0]), octets(small[1])]);
    const found = this.#message.row(row);
    return found && this.#content.read(storedMessage(found), offset + integer(found[4]), limit);
  }

  async list(filter: QueueFilter, page: QueuePage): Promise<FoundPage> {
    return this.#search.page(filter, page);
  }

  async act(
    action: QueueAction,
    at: number,
    filter: QueueFilter,
    page: QueuePage,
  ): Promise<ActedPage> {
    const result = await this.#writer.submit({ kind: "act", action, at, filter, page });
    if (result.kind !== "acted") throw unexpected(result);
    return result.page;
  }

  async shape(page: ShapePage): Promise<readonly QueueShape[]> {
    const shapes: QueueShape[] = [];
    for (const entry of this.#figures.destinations(page)) {
      shapes.push(this.#figures.shapeOf(entry, page));
      await nextTurn(); // a large destination is counted for some time
    }
    return shapes;
  }

  async counts(): Promise<QueueCounts> {
    return this.#figures.counts();
  }

  #settleWith(
    { head, content, ...report }: NonNullable<Settlement["report"]>,
    settlement: StoredSettlement,
  ): Promise<OperationResult> {
    const operation = { kind: "settle", settlement: { ...settlement, report } } as const;
    return this.#writer.submit(operation, [exactCopy(head), exactCopy(content)]);
  }
}

function unexpected({ kind }: OperationResult): StoreError {
  return new StoreError(`the writer answered "${kind}" to something else`);
}
