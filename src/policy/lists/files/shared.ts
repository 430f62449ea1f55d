/** What a list says, in memory that threads share: posted to another thread it is neither copied nor taken away from this one. Nobody writes to it any more. */
import type { Dataset, ListSnapshot } from "./snapshot.ts";

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
