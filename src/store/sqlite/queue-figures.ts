/** How much is in the queue, where to, and how old it is. */
import type { QueueCounts, QueueShape, ShapePage } from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, optionalInteger, text } from "./values.ts";

export interface DestinationEntry {
  readonly name: string;
  readonly rows: number;
}

export class QueueFigures {
  readonly #next;
  readonly #destinations;
  readonly #acceptedBetween;
  readonly #counts;

  constructor(connection: Connection) {
    this.#next = connection.query(
      "SELECT next_at FROM destination WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1",
    );
    this.#destinations = connection.query(
      "SELECT name, rows FROM destination WHERE name > ? ORDER BY name LIMIT ?",
    );
    this.#acceptedBetween = connection.query(
      `SELECT count(*) FROM queue INDEXED BY queue_by_destination
       WHERE destination = ? AND accepted_at >= ? AND accepted_at < ?`,
    );
    // The small table and the small indexes: never the queue itself.
    this.#counts = connection.query(
      `SELECT (SELECT coalesce(sum(rows), 0) FROM destination),
         (SELECT count(*) FROM queue INDEXED BY queue_held WHERE wish = 'hold'),
         (SELECT count(*) FROM queue INDEXED BY queue_under_way WHERE lease_owner IS NOT NULL),
         (SELECT count(*) FROM destination)`,
    );
  }

  nextDue(): number | undefined {
    return optionalInteger(this.#next.row()?.[0] ?? null);
  }

  destinations({ after = "", limit }: ShapePage): readonly DestinationEntry[] {
    return this.#destinations
      .rows(after, limit)
      .map(([name, rows]) => ({ name: text(name), rows: integer(rows) }));
  }

  /** The oldest are what is left when all others are counted. */
  shapeOf({ name, rows }: DestinationEntry, { at, ages }: ShapePage): QueueShape {
    const byAge: number[] = [];
    let before = Number.MAX_SAFE_INTEGER; // what a clock that was ahead accepted counts as new
    for (const age of ages) {
      byAge.push(integer(this.#acceptedBetween.row(name, at - age, before)?.[0]));
      before = at - age;
    }
    const rest = integer(this.#acceptedBetween.row(name, 0, before)?.[0]);
    return { destination: name, rows, byAge: [...byAge, rest] };
  }

  counts(): QueueCounts {
    const [rows, held, underWay, destinations] = this.#counts.row() ?? [];
    return {
      rows: integer(rows),
      held: integer(held),
      underWay: integer(underWay),
      destinations: integer(destinations),
    };
  }
}
