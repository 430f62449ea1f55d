/** Published lists in the file: read by the calling thread, written by the writer's. */
import {
  StoreError,
  type Published,
  type PublishedChange,
  type PublishedEdit,
  type PublishedEntry,
  type PublishedFigures,
  type PublishedGrowth,
  type PublishedOrigin,
  type PublishedPart,
  type PublishedResult,
  type PublishedZoneState,
} from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import type { PublishedWrite } from "./published-operations.ts";
import { CHANGE_COLUMNS, ENTRY_COLUMNS, storedChange, storedEntry, storedPart } from "./published-rows.ts"; // prettier-ignore
import { integer, optionalInteger, optionalText, text } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

interface SubjectPage {
  readonly after?: string;
  readonly limit: number;
}

/** Greater than every number of a change. */
const NEWEST = Number.MAX_SAFE_INTEGER;

export class SqlitePublished implements Published {
  readonly #writer: WriterThread;
  readonly #revision;
  readonly #zone;
  readonly #find;
  readonly #entries;
  readonly #figures;
  readonly #kinds;
  readonly #grown;
  readonly #changes;
  readonly #zoneChanges;
  readonly #change;
  readonly #parts;
  readonly #history;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#revision = connection.query("SELECT seq FROM sqlite_sequence WHERE name = 'list_change'");
    this.#zone = connection.query(
      "SELECT serial, retired_at, brake_at, brake_why FROM list_zone WHERE zone = ?",
    );
    this.#find = connection.query(
      `SELECT ${ENTRY_COLUMNS} FROM list_entry WHERE zone = ? AND subject = ?`,
    );
    this.#entries = connection.query(
      `SELECT ${ENTRY_COLUMNS} FROM list_entry WHERE zone = ? AND subject > ? ORDER BY subject LIMIT ?`,
    );
    this.#figures = connection.query(
      "SELECT count(*), coalesce(sum(weight), 0), min(ends_at), max(ends_at) FROM list_entry WHERE zone = ?",
    );
    this.#kinds = connection.query(
      "SELECT kind, count(*) FROM list_entry WHERE zone = ? GROUP BY kind ORDER BY kind",
    );
    this.#grown = connection.query(
      `SELECT coalesce(sum(listed), 0), coalesce(sum(removed), 0), coalesce(sum(growth), 0)
       FROM list_change WHERE zone = ?1 AND at >= ?2 AND (?3 IS NULL OR origin = ?3)`,
    );
    this.#changes = connection.query(
      `SELECT ${CHANGE_COLUMNS} FROM list_change WHERE id < ? ORDER BY id DESC LIMIT ?`,
    );
    this.#zoneChanges = connection.query(
      `SELECT ${CHANGE_COLUMNS} FROM list_change WHERE id < ? AND +zone = ? ORDER BY id DESC LIMIT ?`,
    );
    this.#change = connection.query(`SELECT ${CHANGE_COLUMNS} FROM list_change WHERE id = ?`);
    this.#parts = connection.query(
      `SELECT subject, before, after FROM list_change_part
       WHERE change = ? AND subject > ? ORDER BY subject LIMIT ?`,
    );
    this.#history = connection.query(
      `SELECT subject, before, after, ${CHANGE_COLUMNS} FROM list_change_part JOIN list_change ON list_change.id = list_change_part.change
       WHERE subject = ? AND zone = ? ORDER BY change DESC LIMIT ?`,
    );
  }

  revision(): number {
    return optionalInteger(this.#revision.row()?.[0] ?? null) ?? 0;
  }

  zone(zone: string): PublishedZoneState {
    const [serial = 0, retired = null, brakeAt = null, brakeWhy = null] =
      this.#zone.row(zone) ?? [];
    const [retiredAt, at] = [optionalInteger(retired), optionalInteger(brakeAt)];
    return {
      zone,
      serial: integer(serial),
      ...(retiredAt !== undefined && { retiredAt }),
      ...(at !== undefined && { brake: { at, why: optionalText(brakeWhy) ?? "" } }),
    };
  }

  find(zone: string, subject: string): PublishedEntry | undefined {
    const row = this.#find.row(zone, subject);
    return row && storedEntry(zone, row);
  }

  entries(zone: string, { after = "", limit }: SubjectPage): readonly PublishedEntry[] {
    return this.#entries.rows(zone, after, limit).map((row) => storedEntry(zone, row));
  }

  async figures(zone: string): Promise<PublishedFigures> {
    const [entries, weight, first = null, last = null] = this.#figures.row(zone) ?? [];
    const [firstEnd, lastEnd] = [optionalInteger(first), optionalInteger(last)];
    return {
      entries: integer(entries),
      weight: integer(weight),
      ...(firstEnd !== undefined && { firstEnd }),
      ...(lastEnd !== undefined && { lastEnd }),
    };
  }

  async kinds(zone: string): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#kinds.rows(zone).map(([kind, count]) => [text(kind), integer(count)]));
  }

  grown(zone: string, since: number, origin?: PublishedOrigin): PublishedGrowth {
    const [listed, removed, weight] = this.#grown.row(zone, since, origin ?? null) ?? [];
    return { listed: integer(listed), removed: integer(removed), weight: integer(weight) };
  }

  async apply(edit: PublishedEdit): Promise<PublishedResult> {
    const result = await this.#write({ kind: "apply", edit });
    if (result.kind === "changed" || result.kind === "conflict") return result;
    throw new StoreError("the writer answered something else than it was asked");
  }

  async expire(now: number): Promise<void> {
    await this.#writer.submitSteps({ kind: "published", write: { kind: "expire", now } });
  }

  async nextSerial(zone: string, now: number): Promise<number> {
    const result = await this.#write({ kind: "next serial", zone, now });
    if (result.kind === "serial") return result.serial;
    throw new StoreError("the writer answered something else than it was asked");
  }

  async changes(query: { zone?: string; before?: number; limit: number }) {
    const { zone, before = NEWEST, limit } = query;
    const rows =
      zone === undefined
        ? this.#changes.rows(before, limit)
        : this.#zoneChanges.rows(before, zone, limit);
    return rows.map(storedChange);
  }

  async change(id: number): Promise<PublishedChange | undefined> {
    const row = this.#change.row(id);
    return row && storedChange(row);
  }

  async parts(id: number, { after = "", limit }: SubjectPage): Promise<readonly PublishedPart[]> {
    return this.#parts.rows(id, after, limit).map(storedPart);
  }

  async history(zone: string, subject: string, limit: number) {
    return this.#history
      .rows(subject, zone, limit)
      .map((row) => ({ ...storedChange(row.slice(3)), ...storedPart(row) }));
  }

  async prune(before: number): Promise<void> {
    await this.#writer.submitSteps({ kind: "published", write: { kind: "prune", before } });
  }

  #write(write: PublishedWrite): Promise<OperationResult> {
    return this.#writer.submit({ kind: "published", write });
  }
}
