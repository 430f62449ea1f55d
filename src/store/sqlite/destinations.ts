/**
 * One entry for each next hop that has rows, and for each message with rows that are only to be reported: how many, and when
 * it has something to claim at the earliest. Its time never lies before the moment at which it was set, so a destination
 * that was just looked at stands behind all that have waited for longer.
 */
import type { Connection } from "./connection.ts";
import { integer, optionalInteger } from "./values.ts";

export class Destinations {
  readonly #add;
  readonly #less;
  readonly #drop;
  readonly #due;
  readonly #earliest;
  readonly #earliestEnd;
  readonly #underWay;
  readonly #set;

  constructor(connection: Connection) {
    this.#add = connection.query(
      `INSERT INTO destination (name, rows, next_at) VALUES (?, 1, ?)
       ON CONFLICT (name) DO UPDATE SET rows = rows + 1,
         next_at = min(coalesce(next_at, excluded.next_at), excluded.next_at)`,
    );
    this.#less = connection.query("UPDATE destination SET rows = rows - 1 WHERE name = ?");
    this.#drop = connection.query("DELETE FROM destination WHERE name = ? AND rows = 0");
    this.#due = connection.query(
      "SELECT name FROM destination WHERE next_at <= ? ORDER BY next_at LIMIT ?",
    );
    this.#earliest = connection.query(
      `SELECT due_at FROM queue WHERE destination = ? AND due_at IS NOT NULL
       ORDER BY due_at LIMIT 1`,
    );
    this.#earliestEnd = connection.query(
      `SELECT due_at FROM queue INDEXED BY queue_under_way
       WHERE destination = ? AND lease_owner IS NOT NULL AND due_at > ?
       ORDER BY due_at LIMIT 1`,
    );
    this.#underWay = connection.query(
      `SELECT count(*) FROM queue INDEXED BY queue_under_way
       WHERE destination = ? AND lease_owner IS NOT NULL AND due_at > ?`,
    );
    this.#set = connection.query("UPDATE destination SET next_at = ? WHERE name = ?");
  }

  /** A row that is due then will come for it. */
  add(name: string, dueAt: number): void {
    this.#add.run(name, dueAt);
  }

  /** A row of it has gone. */
  less(name: string): void {
    this.#less.run(name);
    this.#drop.run(name);
  }

  /** Those that have something to claim, the one that has waited longest first. */
  due(at: number, limit: number): readonly string[] {
    return this.#due.rows(at, limit).map(([name]) => String(name));
  }

  /** How many of its rows have a lease that has not ended. */
  underWay(name: string, at: number): number {
    return integer(this.#underWay.row(name, at)?.[0]);
  }

  /** Rows of it have changed. */
  changed(name: string, at: number): void {
    this.#setNext(name, this.#earliest.row(name)?.[0], at);
  }

  /** As many of its rows are under way as may be: it is asked again when one is settled, or when a lease ends. */
  full(name: string, at: number): void {
    this.#setNext(name, this.#earliestEnd.row(name, at)?.[0], at);
  }

  #setNext(name: string, dueAt: Parameters<typeof optionalInteger>[0], at: number): void {
    const next = optionalInteger(dueAt ?? null);
    this.#set.run(next === undefined ? null : Math.max(next, at), name);
  }
}
