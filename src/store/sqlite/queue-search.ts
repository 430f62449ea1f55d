/**
 * Finds rows by what an operator knows of them, page by page. One of the given conditions has an index, in the order of
 * acceptance; the others are held against what that finds, of which a page sees a bounded number.
 */
import type { QueueFilter, QueueKey, QueuePage, QueueRow } from "../index.ts";
import type { Connection, Query } from "./connection.ts";
import { QUEUE_COLUMNS, queueRow } from "./queue-row.ts";
import { domainOf } from "./queue-rows.ts";

/** Rows looked at for one page. */
const EXAMINED_ROWS = 2000;

/** Later than any time. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** The conditions that have an index, the one that leaves the fewest rows first, with what they ask of the table. */
const INDEXED = [
  ["id", "id = ?"],
  ["message", "name = ?"],
  ["forwardPath", "forward_path = ?"],
  ["reversePath", "reverse_path = ?"],
  ["login", "login = ?"],
  ["held", "wish = 'hold' AND ?"],
  ["domain", "domain = ?"],
  ["destination", "destination = ?"],
] as const satisfies readonly (readonly [keyof QueueFilter, string])[];

export interface FoundPage {
  readonly rows: readonly QueueRow[];
  readonly next?: QueueKey;
}

export class QueueSearch {
  readonly #connection: Connection;
  /** By the condition that is searched; "" for none. */
  readonly #queries = new Map<string, Query>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  page(filter: QueueFilter, { after, limit }: QueuePage): FoundPage {
    const { acceptedFrom = 0, acceptedBefore = NEVER } = filter;
    const begin = after ?? { acceptedAt: acceptedFrom, id: 0 };
    const given = INDEXED.filter(([name]) => filter[name] !== undefined);
    const [first] = given;
    const searched = first === undefined ? [] : [parameter(filter[first[0]])];
    const most = given.length > 1 ? Math.max(limit, EXAMINED_ROWS) : limit;
    const looked = this.#query(first?.[1])
      .rows(...searched, begin.acceptedAt, begin.id, acceptedBefore, most)
      .map(queueRow);
    const fitting = looked.filter((row) => fits(row, filter));
    const rows = fitting.slice(0, limit);
    const last = fitting.length > limit ? rows.at(-1) : looked.at(-1);
    const whole = looked.length < most && fitting.length <= limit;
    if (whole || last === undefined) return { rows };
    return { rows, next: { acceptedAt: last.acceptedAt, id: last.id } };
  }

  #query(condition: string | undefined): Query {
    const known = this.#queries.get(condition ?? "");
    if (known !== undefined) return known;
    const query = this.#connection.query(
      `SELECT ${QUEUE_COLUMNS} FROM queue
       WHERE ${condition === undefined ? "" : `${condition} AND`} (accepted_at, id) > (?, ?) AND accepted_at < ?
       ORDER BY accepted_at, id LIMIT ?`,
    );
    this.#queries.set(condition ?? "", query);
    return query;
  }
}

/** As SQLite takes it: it has no truth of its own. */
function parameter(value: QueueFilter[keyof QueueFilter]): string | number | null {
  return value === true ? 1 : (value ?? null);
}

function isHeld({ state }: QueueRow): boolean {
  return state.kind === "held" || (state.kind === "under way" && state.wish === "hold");
}

function fits(row: QueueRow, filter: QueueFilter): boolean {
  const own = { ...row, domain: row.grant?.domain ?? domainOf(row.forwardPath), held: isHeld(row) };
  return INDEXED.every(([name]) => filter[name] === undefined || filter[name] === own[name]);
}
