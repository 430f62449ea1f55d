/** Published lists, on the writer thread: in the transaction of its batch. */
import type { PublishedEdit, PublishedEditPart, PublishedEntry, PublishedFacts } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { OperationResult } from "./operations.ts";
import type { PublishedWrite } from "./published-operations.ts";
import { ENTRY_COLUMNS, factsOf, storedEntry } from "./published-rows.ts";
import { integer, text } from "./values.ts";

/** Entries removed in one step because their time is over, and parts of changes forgotten in one. */
const STEP_ROWS = 500;

/** Who removes what has ended. */
const SERVER = "gatepost";

const DONE = { kind: "done" } as const;
const MORE = { kind: "more" } as const;

export class PublishedWrites {
  readonly #find;
  readonly #put;
  readonly #drop;
  readonly #begin;
  readonly #settle;
  readonly #part;
  readonly #know;
  readonly #retire;
  readonly #brake;
  readonly #serial;
  readonly #setSerial;
  readonly #overZone;
  readonly #over;
  readonly #oldest;
  readonly #dropParts;
  readonly #dropChange;

  constructor(connection: Connection) {
    this.#find = connection.query(
      `SELECT ${ENTRY_COLUMNS} FROM list_entry WHERE zone = ? AND subject = ?`,
    );
    this.#put = connection.query(
      `INSERT OR REPLACE INTO list_entry (zone, ${ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#drop = connection.query("DELETE FROM list_entry WHERE zone = ? AND subject = ?");
    this.#begin = connection.query(
      `INSERT INTO list_change (zone, at, author, origin, action, why, undoes, parts, listed, removed, growth)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)`,
    );
    this.#settle = connection.query(
      "UPDATE list_change SET listed = ?, removed = ?, growth = ? WHERE id = ?",
    );
    this.#part = connection.query("INSERT INTO list_change_part VALUES (?, ?, ?, ?)");
    this.#know = connection.query("INSERT OR IGNORE INTO list_zone (zone) VALUES (?)");
    this.#retire = connection.query("UPDATE list_zone SET retired_at = ? WHERE zone = ?");
    this.#brake = connection.query(
      "UPDATE list_zone SET brake_at = ?, brake_why = ? WHERE zone = ?",
    );
    this.#serial = connection.query("SELECT serial FROM list_zone WHERE zone = ?");
    this.#setSerial = connection.query("UPDATE list_zone SET serial = ? WHERE zone = ?");
    this.#overZone = connection.query(
      "SELECT zone FROM list_entry WHERE ends_at <= ? ORDER BY ends_at, zone LIMIT 1",
    );
    this.#over = connection.query(
      `SELECT ${ENTRY_COLUMNS} FROM list_entry INDEXED BY list_entry_by_end
       WHERE ends_at <= ? AND zone = ? LIMIT ${STEP_ROWS}`,
    );
    this.#oldest = connection.query("SELECT id FROM list_change WHERE at < ? ORDER BY at LIMIT 1");
    this.#dropParts = connection.query(
      `DELETE FROM list_change_part WHERE (change, subject) IN
         (SELECT change, subject FROM list_change_part WHERE change = ? LIMIT ${STEP_ROWS})`,
    );
    this.#dropChange = connection.query("DELETE FROM list_change WHERE id = ?");
  }

  perform(write: PublishedWrite): OperationResult {
    switch (write.kind) {
      case "apply":
        return this.#apply(write.edit);
      case "next serial":
        return this.#nextSerial(write.zone, write.now);
      case "expire":
        return this.#expire(write.now);
      case "prune":
        return this.#prune(write.before);
    }
  }

  /** Nothing is written before all of it is seen to fit. */
  #apply(edit: PublishedEdit): OperationResult {
    const before = new Map<string, PublishedEntry>();
    for (const { subject, seen } of edit.parts) {
      const row = this.#find.row(edit.zone, subject);
      const entry = row && storedEntry(edit.zone, row);
      if ((entry?.change ?? 0) !== seen) return { kind: "conflict", subject };
      if (entry !== undefined) before.set(subject, entry);
    }
    return { kind: "changed", id: this.#write(edit, before) };
  }

  #write(edit: PublishedEdit, before: ReadonlyMap<string, PublishedEntry>): number {
    const { zone, at, by, origin, action, why, undoes, parts, state } = edit;
    this.#know.run(zone);
    if (state?.retired !== undefined) this.#retire.run(state.retired ? at : null, zone);
    if (state?.brake !== undefined)
      this.#brake.run(state.brake === null ? null : at, state.brake, zone);
    const id = this.#begin.insert(zone, at, by, origin, action, why, undoes ?? null, parts.length);
    let [listed, removed, growth] = [0, 0, 0];
    for (const part of parts) {
      const entry = before.get(part.subject);
      this.#writePart(zone, id, part, entry);
      if (entry === undefined) listed += part.after === undefined ? 0 : 1;
      else if (part.after === undefined) removed++;
      growth += (part.after?.weight ?? 0) - (entry?.weight ?? 0);
    }
    this.#settle.run(listed, removed, growth, id);
    return id;
  }

  #writePart(
    zone: string,
    id: number,
    { subject, after }: PublishedEditPart,
    before: PublishedEntry | undefined,
  ): void {
    if (after === undefined) this.#drop.run(zone, subject);
    else this.#putEntry(zone, subject, after, id);
    const json = (facts: PublishedFacts | undefined) => facts === undefined ? null : JSON.stringify(facts); // prettier-ignore
    this.#part.run(id, subject, json(before && factsOf(before)), json(after));
  }

  #putEntry(zone: string, subject: string, facts: PublishedFacts, id: number): void {
    const { code, reason, kind, evidence, by, since, until, times, weight } = facts;
    const said = [code ?? null, reason, kind, evidence, by] as const;
    this.#put.run(zone, subject, ...said, since, until, times, weight, id);
  }

  #nextSerial(zone: string, now: number): OperationResult {
    this.#know.run(zone);
    const last = integer(this.#serial.row(zone)?.[0]);
    const serial = Math.max(Math.floor(now / 1000), last + 1);
    this.#setSerial.run(serial, zone);
    return { kind: "serial", serial };
  }

  /** One step, of one zone. */
  #expire(now: number): OperationResult {
    const row = this.#overZone.row(now);
    if (row === undefined) return DONE;
    const zone = text(row[0]);
    const over = this.#over.rows(now, zone).map((one) => storedEntry(zone, one));
    this.#write(
      {
        zone,
        at: now,
        by: SERVER,
        origin: "time",
        action: "expire",
        why: "its time was over",
        parts: over.map(({ subject, change }) => ({ subject, seen: change })),
      },
      new Map(over.map((entry) => [entry.subject, entry])),
    );
    return MORE;
  }

  /** One step, of the oldest change. */
  #prune(before: number): OperationResult {
    const row = this.#oldest.row(before);
    if (row === undefined) return DONE;
    const id = integer(row[0]);
    if (this.#dropParts.run(id) === STEP_ROWS) return MORE;
    this.#dropChange.run(id);
    return MORE;
  }
}
