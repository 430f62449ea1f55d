/**
 * The whole of a queue, page by page: memory and each transaction are bounded by the page, however many rows there are.
 */
import type {
  Queue,
  QueueAction,
  QueueFilter,
  QueueKey,
  QueueRow,
  QueueShape,
  ShapePage,
} from "../../store/index.ts";

/** Rows of one page, and of one transaction: some milliseconds in which nobody else writes. */
const PAGE_ROWS = 500;

/** Rows that fit, in the order of their acceptance. */
export async function* everyRow(
  queue: Pick<Queue, "list">,
  filter: QueueFilter,
  pageRows = PAGE_ROWS,
): AsyncGenerator<QueueRow> {
  let after: QueueKey | undefined;
  do {
    const page = { limit: pageRows, ...(after !== undefined && { after }) };
    const { rows, next } = await queue.list(filter, page);
    yield* rows;
    after = next;
  } while (after !== undefined);
}

export interface FirstRows {
  readonly rows: readonly QueueRow[];
  /** There are more that fit. */
  readonly more: boolean;
}

export async function firstRows(
  queue: Pick<Queue, "list">,
  filter: QueueFilter,
  limit: number,
): Promise<FirstRows> {
  const rows: QueueRow[] = [];
  for await (const row of everyRow(queue, filter, Math.min(limit + 1, PAGE_ROWS))) {
    if (rows.length === limit) return { rows, more: true };
    rows.push(row);
  }
  return { rows, more: false };
}

/** Does it to all rows that fit; resolves to how many it changed. A transaction for each page: it may end half way. */
export async function actOnAll(
  queue: Pick<Queue, "act">,
  action: QueueAction,
  at: number,
  filter: QueueFilter,
): Promise<number> {
  let changed = 0;
  let after: QueueKey | undefined;
  do {
    const page = { limit: PAGE_ROWS, ...(after !== undefined && { after }) };
    const acted = await queue.act(action, at, filter, page);
    changed += acted.changed;
    after = acted.next;
  } while (after !== undefined);
  return changed;
}

/** All destinations, in the order of their names. */
export async function* everyShape(
  queue: Pick<Queue, "shape">,
  asked: Pick<ShapePage, "at" | "ages">,
): AsyncGenerator<QueueShape> {
  let after: string | undefined;
  do {
    const page = { ...asked, limit: PAGE_ROWS, ...(after !== undefined && { after }) };
    const shapes = await queue.shape(page);
    yield* shapes;
    after = shapes.length < PAGE_ROWS ? undefined : shapes.at(-1)?.destination;
  } while (after !== undefined);
}
