/**
 * The journal as the writer thread keeps it; each function is called inside a transaction. Identical refusals
 * within an hour go into one row with a count. Which row that is, is remembered here and not looked up: a record
 * costs the same however long the journal is.
 */
import type { Connection } from "./connection.ts";
import type { FreshRecord, OperationResult } from "./operations.ts";
import { integer, text, texts, type Row } from "./values.ts";

/** How long after a row's first session another one is folded into it, milliseconds. */
export const FOLD_WINDOW_MS = 3_600_000;

/** Fold keys remembered; the one that came first is forgotten first. */
const FOLD_LIMIT = 10_000;

/** Rows forgotten in one step: a long step would keep mail waiting. */
const PRUNE_ROWS = 500;

/** Records of one generation of `journal_key`, as a power of two. */
const GENERATION_BITS = 8;

/** Under which generation the words of a record stand. */
export function generationOf(record: number): number {
  return Math.floor(record / 2 ** GENERATION_BITS);
}

interface FoldedRow {
  readonly id: number;
  readonly at: number;
}

export class JournalWrites {
  readonly #insertRecord;
  readonly #insertWords;
  readonly #fold;
  readonly #addOctets;
  readonly #totalOctets;
  readonly #aged;
  readonly #first;
  readonly #deleteRecord;
  readonly #deleteWords;
  readonly #folds = new Map<string, FoldedRow>();
  /** Octets of JSON added since `settle`. */
  #octets = 0;

  constructor(connection: Connection) {
    this.#insertRecord = connection.query(
      `INSERT INTO journal (session, at, last_at, count, ip, addresses, fold, json)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertWords = connection.query(
      "INSERT OR IGNORE INTO journal_key SELECT ?1, value, ?2 FROM json_each(?3)",
    );
    this.#fold = connection.query(
      "UPDATE journal SET count = count + ?, last_at = max(last_at, ?) WHERE id = ? AND fold = ?",
    );
    this.#addOctets = connection.query(
      "UPDATE property SET value = value + ? WHERE name = 'journal_octets'",
    );
    this.#totalOctets = connection.query(
      "SELECT value FROM property WHERE name = 'journal_octets'",
    );
    const row = "SELECT octet_length(json), id, session, ip, addresses FROM journal";
    this.#aged = connection.query(`${row} WHERE at < ? ORDER BY at LIMIT ${PRUNE_ROWS}`);
    this.#first = connection.query(`${row} ORDER BY id LIMIT ${PRUNE_ROWS}`);
    this.#deleteRecord = connection.query("DELETE FROM journal WHERE id = ?");
    this.#deleteWords = connection.query(
      `DELETE FROM journal_key
       WHERE generation = ? AND record = ? AND word IN (SELECT value FROM json_each(?))`,
    );
  }

  add(record: FreshRecord): void {
    if (record.fold !== undefined && this.#folded(record, record.fold)) return;
    const { session, at, lastAt, count, ip, addresses, fold, json } = record;
    const list = JSON.stringify(addresses);
    const id = this.#insertRecord.insert(session, at, lastAt, count, ip, list, fold ?? null, json);
    this.#insertWords.run(generationOf(id), id, wordList(session, ip, addresses));
    this.#octets += Buffer.byteLength(json);
    if (fold !== undefined) this.#remember(fold, { id, at });
  }

  /** Before a commit: writes down how much the journal has grown, once for many records. */
  settle(): void {
    if (this.#octets === 0) return;
    this.#addOctets.run(this.#octets);
    this.#octets = 0;
  }

  /** After a rollback: nothing was added. Rows that are remembered but not there, or others now, fold nothing. */
  undone(): void {
    this.#octets = 0;
  }

  /**
   * By age goes what the clock says; for room, what came first: records of a clock that was ahead must not push out those
   * that came after it was set back.
   */
  prune(before: number, maxOctets: number): OperationResult {
    this.settle();
    const aged = this.#aged.rows(before);
    for (const row of aged) this.#remove(row);
    if (aged.length === PRUNE_ROWS) return { kind: "more" };
    const total = integer(this.#totalOctets.row()?.[0]);
    if (total + this.#octets <= maxOctets) return { kind: "done" };
    const first = this.#first.rows();
    for (const row of first) {
      if (total + this.#octets <= maxOctets) return { kind: "done" };
      this.#remove(row);
    }
    return { kind: first.length === PRUNE_ROWS ? "more" : "done" };
  }

  /** With its words: the record's number may be given to another one. */
  #remove([octets, number, session, ip, addresses]: Row): void {
    const id = integer(number);
    this.#deleteRecord.run(id);
    const words = wordList(text(session), text(ip), texts(addresses));
    this.#deleteWords.run(generationOf(id), id, words);
    this.#octets -= integer(octets);
  }

  #folded({ at, lastAt, count }: FreshRecord, fold: string): boolean {
    const row = this.#folds.get(fold);
    if (row === undefined || at < row.at || lastAt - row.at > FOLD_WINDOW_MS) return false;
    return this.#fold.run(count, lastAt, row.id, fold) === 1;
  }

  #remember(fold: string, row: FoldedRow): void {
    this.#folds.delete(fold);
    this.#folds.set(fold, row);
    if (this.#folds.size <= FOLD_LIMIT) return;
    for (const oldest of this.#folds.keys()) {
      this.#folds.delete(oldest);
      return;
    }
  }
}

/** What a record is found under, as JSON. */
function wordList(session: string, ip: string, addresses: readonly string[]): string {
  return JSON.stringify([session, ip, ...addresses]);
}
