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

function withSharedRows<Part extends object>(part: Part): Part {
  const rows = Object.entries(part).map(([name, row]: [string, unknown]) => [name, sharedRow(row)]);
  return Object.fromEntries(rows) as Part; // the same names, each with a row of its own type
}

function sharedRow(row: unknown): unknown {
  if (row instanceof Uint32Array) return sharedCopy(row, Uint32Array);
  if (row instanceof Uint8Array) return sharedCopy(row, Uint8Array);
  return row;
}

function sharedCopy<Row extends Uint32Array | Uint8Array>(
  row: Row,
  Rows: new (buffer: SharedArrayBuffer) => Row,
): Row {
  if (row.buffer instanceof SharedArrayBuffer) return row;
  const copy = new Rows(new SharedArrayBuffer(row.byteLength));
  copy.set(row);
  return copy;
}
