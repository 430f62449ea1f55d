/**
 * The journal on the calling thread. Notes wait here, folded, until something is written anyway or their
 * second is over; a stranger who knocks faster than the disk turns costs a counter, not a row. A search looks
 * into one generation after the other, newest first (see migration 1).
 */
import type { Log } from "../../runtime/index.ts";
import type { Journal, JournalPage, JournalQuery, SessionRecord, StoredRecord } from "../index.ts";
import type { SessionId } from "../../mail/index.ts";
import { wordsOf, type Connection } from "./connection.ts";
import { FOLD_WINDOW_MS, generationOf } from "./journal-writes.ts";
import type { FreshRecord } from "./operations.ts";
import { integer, text, texts, type Row } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

/** Records that wait to be written; more are counted and lost. */
const NOTES_LIMIT = 10_000;

/** Records found of one session. */
const SESSION_LIMIT = 1000;

const NOTHING_UNDERWAY: Promise<void> = Promise.resolve();

export class SqliteJournal implements Journal {
  readonly #connection: Connection;
  readonly #writer: WriterThread;
  readonly #log: Log;
  readonly #span;
  readonly #search;
  readonly #began;
  readonly #page;
  #notes: FreshRecord[] = [];
  /** Where in `#notes` the record with this fold key is. */
  #folds = new Map<string, number>();
  #lost = 0;
  #written = NOTHING_UNDERWAY;

  constructor(connection: Connection, writer: WriterThread, log: Log) {
    this.#connection = connection;
    this.#writer = writer;
    this.#log = log;
    this.#span = connection.query(
      "SELECT (SELECT min(id) FROM journal), (SELECT max(id) FROM journal)", // apart: together they are a scan
    );
    this.#search = connection.query(
      `SELECT session, at, last_at, count, ip, addresses, fold, json
       FROM journal_key JOIN journal ON journal.id = record
       WHERE generation = ? AND word = ? ORDER BY record DESC LIMIT ?`,
    );
    // The row that others were folded into is older than they are.
    this.#began = connection.query("SELECT min(id) - 1 FROM journal WHERE at >= ?");
    this.#page = connection.query(
      `SELECT session, at, last_at, count, ip, addresses, fold, json, id
       FROM journal WHERE id > ? AND last_at >= ? ORDER BY id LIMIT ?`,
    );
  }

  note(record: SessionRecord): void {
    if (record.fold !== undefined && this.#folded(record, record.fold)) return;
    if (this.#notes.length === NOTES_LIMIT) {
      this.#lost++;
      return;
    }
    if (this.#notes.length === 0) this.#written = this.#write();
    if (record.fold !== undefined) this.#folds.set(record.fold, this.#notes.length);
    this.#notes.push({ ...record, count: 1, lastAt: record.at });
  }

  async find(query: JournalQuery): Promise<readonly StoredRecord[]> {
    this.#writer.hurry();
    await this.#written;
    const { word, limit } = wanted(query);
    return this.#connection.transaction(() => this.#found(word, limit));
  }

  async page(since: number, limit: number, after?: number): Promise<JournalPage> {
    this.#writer.hurry();
    await this.#written;
    return this.#connection.transaction(() => {
      const start = after ?? this.#began.row(since - FOLD_WINDOW_MS)?.[0];
      if (typeof start !== "number") return { records: [] };
      const rows = this.#page.rows(start, since, limit);
      const next = rows.length === limit ? rows.at(-1)?.[8] : undefined;
      return {
        records: rows.map(storedRecord),
        ...(next !== undefined && { next: integer(next) }),
      };
    });
  }

  async prune(before: number, maxOctets: number): Promise<void> {
    this.#writer.hurry(); // what was noted before counts
    await this.#writer.submitSteps({ kind: "prune", before, maxOctets });
  }

  async #write(): Promise<void> {
    let taken: readonly FreshRecord[] = this.#notes;
    try {
      await this.#writer.submitUnhurried(() => {
        taken = this.#take();
        return { kind: "journal", records: taken };
      });
    } catch (error) {
      const records = taken.reduce((sum, { count }) => sum + count, 0);
      this.#log.warn("store lost journal records", { records, problem: wordsOf(error) });
    }
  }

  #take(): readonly FreshRecord[] {
    if (this.#lost > 0) this.#log.warn("store lost journal records", { records: this.#lost });
    const records = this.#notes;
    this.#notes = [];
    this.#folds = new Map();
    this.#lost = 0;
    return records;
  }

  #folded({ at }: SessionRecord, fold: string): boolean {
    const index = this.#folds.get(fold) ?? -1;
    const first = this.#notes[index];
    if (first === undefined || at < first.at || at - first.at > FOLD_WINDOW_MS) return false;
    this.#notes[index] = {
      ...first,
      count: first.count + 1,
      lastAt: Math.max(first.lastAt, at),
    };
    return true;
  }

  #found(word: string, limit: number): readonly StoredRecord[] {
    const [oldest, newest] = this.#span.row() ?? [];
    if (typeof oldest !== "number" || typeof newest !== "number") return []; // an empty journal has no span
    const found: StoredRecord[] = [];
    const last = generationOf(oldest);
    for (let generation = generationOf(newest); generation >= last; generation--) {
      const rows = this.#search.rows(generation, word, limit - found.length);
      found.push(...rows.map(storedRecord));
      if (found.length === limit) break;
    }
    return found;
  }
}

function wanted(query: JournalQuery): { readonly word: string; readonly limit: number } {
  switch (query.kind) {
    case "session":
      return { word: query.session, limit: SESSION_LIMIT };
    case "address":
      return { word: query.address, limit: query.limit };
    case "ip":
      return { word: query.ip, limit: query.limit };
  }
}

function storedRecord([session, at, lastAt, count, ip, addresses, fold, json]: Row): StoredRecord {
  return {
    session: text(session) as SessionId, // it was one when it was written
    at: integer(at),
    lastAt: integer(lastAt),
    count: integer(count),
    ip: text(ip),
    addresses: texts(addresses),
    ...(fold !== null && { fold: text(fold) }),
    json: text(json),
  };
}
