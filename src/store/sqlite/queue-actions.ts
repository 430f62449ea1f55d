/** What an operator does to rows: a page of them in one transaction. Rows under way keep it as a wish. */
import type { QueueAction, QueueFilter, QueuePage, QueueRow, QueueWish } from "../index.ts";
import type { Connection } from "./connection.ts";
import { Destinations } from "./destinations.ts";
import type { ActedPage } from "./operations.ts";
import { QueueRows } from "./queue-rows.ts";
import { QueueSearch } from "./queue-search.ts";
import { integer } from "./values.ts";

export class QueueActions {
  readonly #search;
  readonly #rows;
  readonly #destinations;
  readonly #message;
  readonly #setDue;
  readonly #setHeld;
  readonly #setWish;

  constructor(connection: Connection) {
    this.#search = new QueueSearch(connection);
    this.#rows = new QueueRows(connection);
    this.#destinations = new Destinations(connection);
    this.#message = connection.query("SELECT message FROM queue WHERE id = ?");
    this.#setDue = connection.query("UPDATE queue SET wish = 'send', due_at = ? WHERE id = ?");
    this.#setHeld = connection.query("UPDATE queue SET wish = 'hold', due_at = NULL WHERE id = ?");
    this.#setWish = connection.query("UPDATE queue SET wish = ? WHERE id = ?");
  }

  act(action: QueueAction, at: number, filter: QueueFilter, page: QueuePage): ActedPage {
    const { rows, next } = this.#search.page(filter, page);
    const changed = rows.filter((row) => this.#actOn(row, action, at));
    for (const destination of new Set(changed.map((row) => row.destination)))
      this.#destinations.changed(destination, at);
    return { changed: changed.length, ...(next !== undefined && { next }) };
  }

  /** Whether there was anything to do. */
  #actOn(row: QueueRow, action: QueueAction, at: number): boolean {
    switch (row.state.kind) {
      case "waiting":
        return this.#actOnWaiting(row, action, at);
      case "held":
        return this.#actOnHeld(row, action, at);
      case "under way":
        return this.#wish(row, action, row.state.wish);
    }
  }

  #actOnWaiting(row: QueueRow, action: QueueAction, at: number): boolean {
    switch (action) {
      case "retry":
        this.#setDue.run(at, row.id);
        return true;
      case "hold":
        this.#setHeld.run(row.id);
        return true;
      case "release":
        return false;
      case "remove":
        return this.#remove(row);
    }
  }

  #actOnHeld(row: QueueRow, action: QueueAction, at: number): boolean {
    switch (action) {
      case "retry":
      case "hold":
        return false;
      case "release":
        this.#setDue.run(at, row.id);
        return true;
      case "remove":
        return this.#remove(row);
    }
  }

  #wish(row: QueueRow, action: QueueAction, before: QueueWish): boolean {
    const wish = wished(action, before);
    if (wish === before) return false;
    this.#setWish.run(wish, row.id);
    return true;
  }

  #remove({ id, destination }: QueueRow): boolean {
    this.#rows.remove({ id, destination, message: integer(this.#message.row(id)?.[0]) });
    return true;
  }
}

/** What is wished of a row under way after an action. What is to be removed stays so. */
function wished(action: QueueAction, before: QueueWish): QueueWish {
  if (before === "remove" || action === "remove") return "remove";
  if (action === "hold") return "hold";
  return action === "release" ? "send" : before;
}
