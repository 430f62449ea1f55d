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

/** The first rows that fit; when they have been gone through, `more` says whether there are others. */
export class FirstRows implements AsyncIterable<QueueRow> {
  readonly #queue: Pick<Queue, "list">;
  readonly #filter: QueueFilter;
  readonly #limit: number;
  more = false;

  constructor(queue: Pick<Queue, "list">, filter: QueueFilter, limit: number) {
    this.#queue = queue;
    this.#filter = filter;
    this.#limit = limit;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<QueueRow> {
    let shown = 0;
    const pageRows = Math.min(this.#limit + 1, PAGE_ROWS);
    for await (const row of everyRow(this.#queue, this.#filter, pageRows)) {
      this.more = shown++ === this.#limit;
      if (this.more) return;
      yield row;
    }
  }
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
