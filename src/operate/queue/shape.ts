/**
 * The queue's shape: how much waits for each next hop, and for how long already. One that grows in the last columns is
 * a server that does not take our mail. The largest are kept, so memory is bounded by what is shown.
 */
import type { Queue, QueueRow, QueueShape } from "../../store/index.ts";
import { everyShape } from "./pages.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The columns: rows at most as old; last come those that are older. */
export const SHAPE_AGES: readonly { readonly name: string; readonly ms: number }[] = [
  { name: "15m", ms: 15 * MINUTE_MS },
  { name: "1h", ms: HOUR_MS },
  { name: "4h", ms: 4 * HOUR_MS },
  { name: "12h", ms: 12 * HOUR_MS },
  { name: "1d", ms: DAY_MS },
  { name: "3d", ms: 3 * DAY_MS },
];

/** Rows of a destination of which the last failure is looked for: its oldest. */
const ASKED_ROWS = 10;

export interface DestinationShape extends QueueShape {
  /** The most recent failure among its oldest rows; absent where none of them has been tried. */
  readonly last?: NonNullable<QueueRow["last"]>;
}

export interface WholeShape {
  readonly destinations: number;
  readonly rows: number;
  readonly byAge: readonly number[];
  /** The largest first. */
  readonly largest: readonly DestinationShape[];
}

export async function wholeShape(
  queue: Pick<Queue, "shape" | "list">,
  at: number,
  limit: number,
): Promise<WholeShape> {
  let [destinations, rows] = [0, 0];
  let byAge: readonly number[] = Array.from({ length: SHAPE_AGES.length + 1 }, () => 0);
  let largest: QueueShape[] = [];
  const ages = SHAPE_AGES.map(({ ms }) => ms);
  for await (const shape of everyShape(queue, { at, ages })) {
    destinations++;
    rows += shape.rows;
    byAge = byAge.map((sum, i) => sum + (shape.byAge[i] ?? 0));
    largest.push(shape);
    if (largest.length >= 2 * limit) largest = bySize(largest).slice(0, limit);
  }
  const shown = bySize(largest).slice(0, limit);
  return { destinations, rows, byAge, largest: await withLast(queue, shown) };
}

function bySize(shapes: readonly QueueShape[]): QueueShape[] {
  return shapes.toSorted((one, other) => other.rows - one.rows);
}

async function withLast(
  queue: Pick<Queue, "list">,
  shapes: readonly QueueShape[],
): Promise<readonly DestinationShape[]> {
  const found: DestinationShape[] = [];
  for (const shape of shapes) {
    const { rows } = await queue.list({ destination: shape.destination }, { limit: ASKED_ROWS });
    const [last] = rows
      .flatMap((row) => row.last ?? [])
      .toSorted((one, other) => other.at - one.at);
    found.push(last === undefined ? shape : { ...shape, last });
  }
  return found;
}
