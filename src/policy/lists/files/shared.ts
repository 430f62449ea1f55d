/** What a list says, in memory that threads share: posted to another thread it is neither copied nor taken away from this one. Nobody writes to it any more. */
import { octetsOf, type Dataset, type ListSnapshot } from "./snapshot.ts";

export function sharedSnapshot(snapshot: ListSnapshot): ListSnapshot {
  return { ...snapshot, datasets: snapshot.datasets.map(sharedDataset) };
}

/** Rows that are shared already are taken as they are. */
export function sharedDataset(dataset: Dataset): Dataset {
  const { v4, v6, exact, wild, values } = dataset;
  return {
    ...dataset,
    v4: withSharedRows(v4),
    v6: withSharedRows(v6),
    exact: withSharedRows(exact),
    wild: withSharedRows(wild),
    values: withSharedRows(values),
  };
}

export function sharedRow<Row extends Uint32Array | Uint8Array>(row: Row): Row {
  if (row.buffer instanceof SharedArrayBuffer) return row;
  const copy = new (row.constructor as RowMaker<Row>)(new SharedArrayBuffer(row.byteLength)); // its own kind
  copy.set(row);
  return copy;
}

type RowMaker<Row> = new (buffer: SharedArrayBuffer) => Row;

function withSharedRows<Part extends object>(part: Part): Part {
  const rows = Object.entries(part).map(([name, row]: [string, unknown]) => [
    name,
    row instanceof Uint32Array || row instanceof Uint8Array ? sharedRow(row) : row,
  ]);
  return Object.fromEntries(rows) as Part; // the same names, each with a row of its own type
}

/**
 * To be told of what a thread does not use any more. V8 leaves shared memory out of its accounts: a thread that makes little garbage of its own would
 * hold on to each list that it ever had. A buffer of the same size is in the accounts, and, as nobody writes to it, is no memory.
 */
export function letGoOf(datasets: readonly Dataset[]): void {
  const octets = octetsOf({ datasets });
  if (octets > 0) void new ArrayBuffer(octets);
}
